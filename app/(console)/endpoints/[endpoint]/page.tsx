import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { loadView, pageRequests } from "@/lib/client/view.ts";
import { EndpointPage } from "./client.tsx";

type Props = { params: Promise<{ endpoint: string }>; searchParams: Promise<SearchParams> };
export const dynamic = "force-dynamic";

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).endpoint) };
}

export default async function Page({ params, searchParams }: Props) {
  const endpoint = decodeURIComponent((await params).endpoint);
  const view = await loadView(searchParams);
  const requests = pageRequests(view, { endpoint });
  const state = await prefetch([
    ["summary", requests.summary],
    ["series", requests.rate],
    ["series", requests.byMechanism],
    ["series", requests.nodes],
    ["series", requests.latency],
    ["series", requests.volume],
    ["heatmap", requests.heatFull],
    ["heatmap", requests.heatResumed],
    ["changes", requests.changes],
    ["incidents", requests.incidents],
    ...(view.compare === "none" ? [] : [["series", requests.previous] as const]),
  ]);
  return (
    <HydrationBoundary state={state}>
      <EndpointPage endpoint={endpoint} />
    </HydrationBoundary>
  );
}

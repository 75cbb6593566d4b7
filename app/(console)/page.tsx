import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { loadView, pageRequests } from "@/lib/client/view.ts";
import { Overview } from "./overview-client.tsx";

export const metadata: Metadata = { title: "Overview" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadView(searchParams);
  const requests = pageRequests(view);
  const state = await prefetch([
    ["summary", requests.summary],
    ["series", requests.rate],
    ["series", requests.byMechanism],
    ["series", requests.latency],
    ["series", requests.volume],
    ["series", requests.nodes],
    ["heatmap", requests.heatFull],
    ["heatmap", requests.heatResumed],
    ["changes", requests.changes],
    ["incidents", requests.incidents],
    ...(view.compare === "none" ? [] : [["series", requests.previous] as const]),
  ]);
  return (
    <HydrationBoundary state={state}>
      <Overview />
    </HydrationBoundary>
  );
}

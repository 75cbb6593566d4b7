import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import type { Params, RequestName } from "@/lib/client/transport.ts";
import { AlertsPage } from "./client.tsx";
import { loadAlertsView } from "./search-params.ts";

export const metadata: Metadata = { title: "Alerts" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { tab, state } = await loadAlertsView(searchParams);
  const narrowed: Params = state === "all" ? {} : { state };
  const asked: [RequestName, Params][] = [["alerts", {}]];
  if (tab === "deliveries") asked.push(["messages", narrowed]);
  return (
    <HydrationBoundary state={await prefetch(asked)}>
      <AlertsPage />
    </HydrationBoundary>
  );
}

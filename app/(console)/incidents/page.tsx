import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { IncidentsPage } from "./client.tsx";
import { listRequest, loadList } from "./search-params.ts";

export const metadata: Metadata = { title: "Incidents" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const request = listRequest(await loadList(searchParams));
  return (
    <HydrationBoundary state={await prefetch([["incidents", request]])}>
      <IncidentsPage />
    </HydrationBoundary>
  );
}

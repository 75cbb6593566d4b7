import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { loadView, pageRequests } from "@/lib/client/view.ts";
import { ChangesPage } from "./client.tsx";

export const metadata: Metadata = { title: "Changes" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const requests = pageRequests(await loadView(searchParams));
  return (
    <HydrationBoundary state={await prefetch([["changes", requests.changes]])}>
      <ChangesPage />
    </HydrationBoundary>
  );
}

import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { securityRequest } from "@/lib/client/view.ts";
import { SecurityPage } from "./client.tsx";
import { findingsRequest, loadSecurity } from "./search-params.ts";

export const metadata: Metadata = { title: "Security" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadSecurity(searchParams);
  const state = await prefetch([
    ["findings", findingsRequest(view)],
    ["security", securityRequest(view)],
  ]);
  return (
    <HydrationBoundary state={state}>
      <SecurityPage />
    </HydrationBoundary>
  );
}

import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { AuditPage } from "./client.tsx";
import { auditRequest, loadAudit } from "./search-params.ts";

export const metadata: Metadata = { title: "Audit" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadAudit(searchParams);
  const state = await prefetch([["audit", auditRequest(view)]]);
  return (
    <HydrationBoundary state={state}>
      <AuditPage />
    </HydrationBoundary>
  );
}

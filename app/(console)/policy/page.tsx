import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { PolicyPage } from "./client.tsx";
import { loadPolicyView, policyFilters } from "./search-params.ts";

export const metadata: Metadata = { title: "Policy" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filters = policyFilters(await loadPolicyView(searchParams));
  const asked = Object.keys(filters).length ? [{}, filters] : [{}];
  return (
    <HydrationBoundary state={await prefetch(asked.map((params) => ["policy", params] as const))}>
      <PolicyPage />
    </HydrationBoundary>
  );
}

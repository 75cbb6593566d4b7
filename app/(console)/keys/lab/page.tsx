import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { keysWindow, loadLabView } from "@/lib/client/keys-view.ts";
import { LabPage } from "./client.tsx";

export const metadata: Metadata = { title: "Policy lab" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadLabView(searchParams);
  return (
    <HydrationBoundary state={await prefetch([["lab", keysWindow(view)]])}>
      <LabPage />
    </HydrationBoundary>
  );
}

import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { emergencyRequests, loadEmergencyView } from "@/lib/client/keys-view.ts";
import { EmergencyPage } from "./client.tsx";

export const metadata: Metadata = { title: "Emergency rotation" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { keys, lab, changes } = emergencyRequests(await loadEmergencyView(searchParams));
  return (
    <HydrationBoundary
      state={
        await prefetch([
          ["keys", keys],
          ["lab", lab],
          ["changes", changes],
        ])
      }
    >
      <EmergencyPage />
    </HydrationBoundary>
  );
}

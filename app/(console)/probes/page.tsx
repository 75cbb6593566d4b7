import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { prefetch } from "@/app/_server/prefetch.ts";
import { ProbesPage } from "./client.tsx";

export const metadata: Metadata = { title: "Probes" };
export const dynamic = "force-dynamic";

export default async function Page() {
  return (
    <HydrationBoundary state={await prefetch([["probes", {}]])}>
      <ProbesPage />
    </HydrationBoundary>
  );
}

import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { prefetch } from "@/app/_server/prefetch.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import { SourcesPage } from "./client.tsx";

export const metadata: Metadata = { title: "Sources" };
export const dynamic = "force-dynamic";

export default async function Page() {
  const { collectorHost, collectorPort, syslogPort } = readSettings(process.env);
  return (
    <HydrationBoundary state={await prefetch([["sources", {}]])}>
      <SourcesPage
        collector={`http://${collectorHost}:${collectorPort}`}
        syslog={`${collectorHost}:${syslogPort}`}
      />
    </HydrationBoundary>
  );
}

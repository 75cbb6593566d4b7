import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { prefetch } from "@/app/_server/prefetch.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import { SourcesPage } from "./client.tsx";

export const metadata: Metadata = { title: "Sources" };
export const dynamic = "force-dynamic";

const onOrNull = (port: number): number | null => (port === 0 ? null : port);

export default async function Page() {
  const settings = readSettings(process.env);
  const { collectorHost, collectorPort } = settings;
  const scheme = settings.collectorTlsCert === "" ? "http" : "https";
  return (
    <HydrationBoundary state={await prefetch([["sources", {}]])}>
      <SourcesPage
        listeners={{
          collector: settings.collectorUrl || `${scheme}://${collectorHost}:${collectorPort}`,
          host: collectorHost,
          syslogPort: onOrNull(settings.syslogPort),
          syslogTlsPort: onOrNull(settings.syslogTlsPort),
          statsdPort: onOrNull(settings.statsdPort),
          token: null,
        }}
      />
    </HydrationBoundary>
  );
}

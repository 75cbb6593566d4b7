"use client";
import Link from "next/link";
import { Breakdowns } from "@/components/panels/breakdown-panel.tsx";
import { ChangesTable } from "@/components/panels/changes-table.tsx";
import { LatencyHeatPanels, NodeHeatPanel } from "@/components/panels/heat-panels.tsx";
import { ResumePanel } from "@/components/panels/resume-panel.tsx";
import { StatusLine } from "@/components/panels/status-line.tsx";
import { Tiles } from "@/components/panels/tiles.tsx";
import { LatencyPanel, VolumePanel } from "@/components/panels/time-panels.tsx";
import { Toolbar } from "@/components/panels/toolbar.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { useView } from "@/components/panels/use-view.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { UNKNOWN_NAME } from "@/lib/client/names.ts";
import { pageRequests, serializeView } from "@/lib/client/view.ts";

export function EndpointPage({ endpoint }: { endpoint: string }) {
  const [view] = useView();
  const scope = { endpoint };
  const requests = pageRequests(view, scope);
  const { data, error, refetch } = useRequest("summary", requests.summary);
  const changes = useRequest("changes", requests.changes);
  return (
    <div className="space-y-3 pt-3">
      <div className="space-y-2 px-4 sm:px-0">
        <p className="text-ink-3">
          <Link href={`/${serializeView(view)}`} className="hover:underline">
            Overview
          </Link>{" "}
          / Endpoint
        </p>
        <div className="flex flex-wrap items-center gap-2">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight break-words">
            {endpoint === UNKNOWN_NAME ? "unknown endpoint" : endpoint}
          </h1>
          <Link href={`/keys?endpoint=${encodeURIComponent(endpoint)}`} className="control">
            Keys &amp; tickets
          </Link>
        </div>
        {data ? <StatusLine summary={data} /> : error ? null : <Placeholder height={26} />}
        <Toolbar />
      </div>
      {error && !data ? <ErrorState error={error} retry={() => void refetch()} /> : null}
      {data ? <Tiles tiles={data.tiles} compared={view.compare !== "none"} /> : <Placeholder height={104} />}
      <ResumePanel scope={scope} />
      <NodeHeatPanel scope={scope} />
      <Breakdowns scope={scope} />
      <div className="grid gap-3 lg:grid-cols-2">
        <LatencyPanel scope={scope} />
        <VolumePanel scope={scope} />
        <LatencyHeatPanels scope={scope} />
      </div>
      <Panel title="Changes in this window">
        {changes.data?.changes.length ? (
          <ChangesTable changes={changes.data.changes} />
        ) : (
          <EmptyState title="No change is recorded in this window." />
        )}
      </Panel>
    </div>
  );
}

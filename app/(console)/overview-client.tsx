"use client";
import { Breakdowns } from "@/components/panels/breakdown-panel.tsx";
import { EndpointsPanel } from "@/components/panels/endpoints-panel.tsx";
import { FirstSteps } from "@/components/panels/first-steps.tsx";
import { LatencyHeatPanels, NodeHeatPanel } from "@/components/panels/heat-panels.tsx";
import { ResumePanel } from "@/components/panels/resume-panel.tsx";
import { StatusLine } from "@/components/panels/status-line.tsx";
import { Tiles } from "@/components/panels/tiles.tsx";
import { LatencyPanel, VolumePanel } from "@/components/panels/time-panels.tsx";
import { Toolbar } from "@/components/panels/toolbar.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { useView } from "@/components/panels/use-view.ts";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { pageRequests, serializeView } from "@/lib/client/view.ts";

export function Overview() {
  const [view] = useView();
  const { data, error, refetch } = useRequest("summary", pageRequests(view).summary);
  const compared = view.compare !== "none";
  const query = serializeView({ ...view, endpoint: null });
  return (
    <div className="space-y-3 pt-3">
      <div className="space-y-3 px-4 sm:px-0">
        <h1 className="sr-only">Overview</h1>
        {data ? <StatusLine summary={data} /> : error ? null : <Placeholder height={26} />}
        <Toolbar />
      </div>
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data?.status.level === "empty" ? (
        <FirstSteps />
      ) : (
        <>
          {data ? <Tiles tiles={data.tiles} compared={compared} /> : <Placeholder height={104} />}
          <ResumePanel />
          {data ? (
            <EndpointsPanel rows={data.endpoints} query={query} compared={compared} />
          ) : (
            <Placeholder height={160} />
          )}
          <div className="grid gap-3 lg:grid-cols-2">
            <LatencyPanel />
            <VolumePanel />
            <LatencyHeatPanels />
          </div>
          <NodeHeatPanel />
          <Breakdowns />
        </>
      )}
    </div>
  );
}

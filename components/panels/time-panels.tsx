"use client";
import { useMemo } from "react";
import type { Params } from "@/lib/client/transport.ts";
import { pageRequests } from "@/lib/client/view.ts";
import type { SeriesReply } from "@/lib/contract/read.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import type { ChartModel } from "../charts/prepare/model.ts";
import { prepareLatency, prepareVolume } from "../charts/prepare/resume.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { formatCount, formatUs } from "../ui/format.ts";
import { EmptyState, ErrorState, Placeholder } from "../ui/states.tsx";
import { useRequest } from "./use-request.ts";
import { useView } from "./use-view.ts";

const HEIGHT = 200;
type Scope = { readonly scope?: Record<string, string> };
type SeriesPanelProps = {
  readonly title: string;
  readonly params: Params;
  readonly prepare: (reply: SeriesReply) => ChartModel;
  readonly describe: (reply: SeriesReply) => string;
  readonly empty: string;
};

function SeriesPanel({ title, params, prepare, describe, empty }: SeriesPanelProps) {
  const [, setView] = useView();
  const { data, error, refetch } = useRequest("series", params);
  const model = useMemo(() => (data ? prepare(data) : null), [data, prepare]);
  return (
    <ChartFrame title={title} model={model} description={data ? describe(data) : ""}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !model ? (
        <Placeholder height={HEIGHT} />
      ) : model.columns.length === 0 ? (
        <EmptyState title={empty} />
      ) : (
        <TimeChart
          model={model}
          height={HEIGHT}
          onZoom={({ fromMs, toMs }) => setView({ from: fromMs, to: toMs })}
        />
      )}
    </ChartFrame>
  );
}

const totalsOf = (reply: SeriesReply, format: (value: number | null) => string): string =>
  reply.series
    .map(
      (s) =>
        `${s.key.outcome ?? ""}${s.q === undefined ? "" : ` p${s.q * 100}`} ${format(s.total.value)} of ${formatCount(s.total.count)}`,
    )
    .join(", ");

/** Handshake time, full and resumed apart. */
export function LatencyPanel({ scope }: Scope) {
  const [view] = useView();
  return (
    <SeriesPanel
      title="Handshake time"
      params={pageRequests(view, scope).latency}
      prepare={prepareLatency}
      describe={(reply) => `Handshake time over the window: ${totalsOf(reply, formatUs)}.`}
      empty="No source here measures handshake time."
    />
  );
}

/** Handshakes per second by outcome. */
export function VolumePanel({ scope }: Scope) {
  const [view] = useView();
  return (
    <SeriesPanel
      title="Handshakes per second"
      params={pageRequests(view, scope).volume}
      prepare={prepareVolume}
      describe={(reply) => `Handshakes over the window: ${totalsOf(reply, formatCount)}.`}
      empty="No handshake in this window."
    />
  );
}

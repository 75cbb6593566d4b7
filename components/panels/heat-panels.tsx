"use client";
import { useCallback, useMemo } from "react";
import type { Params } from "@/lib/client/transport.ts";
import { pageRequests } from "@/lib/client/view.ts";
import { SMALL_COUNT } from "@/lib/stats/interval.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { HeatGrid } from "../charts/heat-grid.tsx";
import {
  countStrength,
  extremesText,
  type HeatRow,
  prepareLatencyHeat,
  prepareNodeHeat,
} from "../charts/prepare/heat.ts";
import { formatCount, formatPercent, formatUs } from "../ui/format.ts";
import { EmptyState, ErrorState, Placeholder } from "../ui/states.tsx";
import { useRequest } from "./use-request.ts";
import { useView } from "./use-view.ts";

type Scope = { readonly scope?: Record<string, string> };

/** More nodes than this are drawn as thin rows, so that a fleet still fits a screen. */
const TALL_ROWS = 40;
const asIs = (value: number): number => value;
const sayRate = (row: HeatRow, column: number): string => {
  const value = row.cells[column] ?? null;
  return value === null
    ? `${row.label}: no handshakes`
    : `${row.label}: ${formatPercent(value)} of ${formatCount(row.counts[column] ?? 0)} resumed`;
};
const sayCount = (row: HeatRow, column: number): string =>
  `up to ${row.label}: ${formatCount(row.counts[column] ?? 0)} handshakes`;

/** Resume rate of every node over time: a staircase, a stripe or a single row shows at a glance. */
export function NodeHeatPanel({ scope }: Scope) {
  const [view] = useView();
  const { data, error, refetch } = useRequest("series", pageRequests(view, scope).nodes);
  const heat = useMemo(() => (data ? prepareNodeHeat(data) : null), [data]);
  const shown = heat?.rows.length ?? 0;
  const nodes = data && data.seriesTotal > shown ? `${shown} of ${data.seriesTotal} nodes` : `${shown} nodes`;
  const rowHeight = shown > TALL_ROWS ? 8 : 18;
  const text = data ? `Resume rate of ${nodes} over time; ${extremesText(data, formatPercent)}.` : "";
  return (
    <ChartFrame
      title="Resume rate by node"
      note={shown ? `${nodes}; darker is higher, thinner below ${SMALL_COUNT} handshakes` : undefined}
      legend={false}
      model={heat && shown > 0 ? heat.table : null}
      description={text}
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data || !heat ? (
        <Placeholder height={140} />
      ) : shown === 0 ? (
        <EmptyState title="No handshake in this window." />
      ) : (
        <HeatGrid
          rows={heat.rows}
          times={heat.times}
          stepMs={data.stepMs}
          colour="--resumed"
          strength={asIs}
          describe={sayRate}
          thinBelow={SMALL_COUNT}
          rowHeight={rowHeight}
          labelEvery={Math.ceil(14 / rowHeight)}
          label={text}
        />
      )}
    </ChartFrame>
  );
}

type LatencyHeatProps = { readonly title: string; readonly params: Params; readonly colour: string };

function LatencyHeat({ title, params, colour }: LatencyHeatProps) {
  const { data, error, refetch } = useRequest("heatmap", params);
  const heat = useMemo(() => (data ? prepareLatencyHeat(data) : null), [data]);
  const rows = heat?.rows ?? [];
  const most = useMemo(() => Math.max(1, ...(heat?.rows ?? []).flatMap((row) => row.counts)), [heat]);
  const strength = useCallback((value: number) => countStrength(value, most), [most]);
  const total = data?.columns.reduce((sum, column) => sum + column.total, 0) ?? 0;
  const text = `${title}: ${formatCount(total)} handshakes over time, from ${formatUs(data?.bins[0]?.from ?? null)} to ${formatUs(data?.bins.at(-1)?.to ?? null)}.`;
  return (
    <ChartFrame
      title={title}
      note={total ? `${formatCount(total)} handshakes` : undefined}
      legend={false}
      model={heat && total > 0 ? heat.table : null}
      description={total ? text : ""}
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data || !heat ? (
        <Placeholder height={160} />
      ) : total === 0 ? (
        <EmptyState title="Nothing measured in this window." />
      ) : (
        <HeatGrid
          rows={rows}
          times={heat.times}
          stepMs={data.stepMs}
          colour={colour}
          strength={strength}
          describe={sayCount}
          rowHeight={rows.length > 24 ? 6 : 8}
          labelEvery={Math.ceil(rows.length / 8)}
          label={text}
        />
      )}
    </ChartFrame>
  );
}

/** Distributions of handshake time, full and resumed side by side. */
export function LatencyHeatPanels({ scope }: Scope) {
  const [view] = useView();
  const requests = pageRequests(view, scope);
  return (
    <>
      <LatencyHeat title="Time of full handshakes" params={requests.heatFull} colour="--full" />
      <LatencyHeat title="Time of resumed handshakes" params={requests.heatResumed} colour="--resumed" />
    </>
  );
}

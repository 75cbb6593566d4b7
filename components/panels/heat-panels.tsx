"use client";
import { useCallback, useMemo } from "react";
import type { Params } from "@/lib/client/transport.ts";
import { pageRequests } from "@/lib/client/view.ts";
import { HeatGrid, type HeatRow } from "../charts/heat-grid.tsx";
import { formatCount, formatPercent, formatUs, nameOf } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "../ui/states.tsx";
import { useRequest } from "./use-request.ts";
import { useView } from "./use-view.ts";

type Scope = { readonly scope?: Record<string, string> };

/** Resume rate of every node over time: a staircase, a stripe or a single row shows at a glance. */
export function NodeHeatPanel({ scope }: Scope) {
  const [view] = useView();
  const { data, error, refetch } = useRequest("series", pageRequests(view, scope).nodes);
  const rows = useMemo<HeatRow[]>(
    () =>
      (data?.series ?? [])
        .map((s) => ({ label: nameOf(s.key.node), cells: s.points.map((p) => p.value) }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    [data],
  );
  const times = useMemo(() => data?.series[0]?.points.map((p) => p.t) ?? [], [data]);
  const strength = useCallback((value: number) => value, []);
  const describe = useCallback(
    (row: HeatRow, value: number | null) =>
      `${row.label}: ${value === null ? "no handshakes" : `${formatPercent(value)} resumed`}`,
    [],
  );
  return (
    <Panel
      title="Resume rate by node"
      note={rows.length ? `${rows.length} nodes; darker is higher` : undefined}
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={140} />
      ) : rows.length === 0 ? (
        <EmptyState title="No handshake in this window." />
      ) : (
        <HeatGrid
          rows={rows}
          times={times}
          stepMs={data.stepMs}
          colour="--resumed"
          strength={strength}
          describe={describe}
          rowHeight={18}
          label={`Resume rate of ${rows.length} nodes over time. ${data.series.map((s) => `${nameOf(s.key.node)} ${formatPercent(s.total.value)} of ${formatCount(s.total.count)}`).join(", ")}.`}
        />
      )}
    </Panel>
  );
}

type LatencyHeatProps = { readonly title: string; readonly params: Params; readonly colour: string };

function LatencyHeat({ title, params, colour }: LatencyHeatProps) {
  const { data, error, refetch } = useRequest("heatmap", params);
  const rows = useMemo<HeatRow[]>(
    () =>
      (data?.bins ?? [])
        .map((bin, index) => ({
          label: formatUs(bin.to),
          cells: (data?.columns ?? []).map((column) => column.counts[index] || null),
        }))
        .reverse(),
    [data],
  );
  const times = useMemo(() => data?.columns.map((column) => column.t) ?? [], [data]);
  const most = Math.max(1, ...rows.flatMap((row) => row.cells.map((value) => value ?? 0)));
  const strength = useCallback((value: number) => 0.15 + 0.85 * Math.sqrt(value / most), [most]);
  const describe = useCallback(
    (row: HeatRow, value: number | null) => `up to ${row.label}: ${formatCount(value ?? 0)} handshakes`,
    [],
  );
  const total = data?.columns.reduce((sum, column) => sum + column.total, 0) ?? 0;
  return (
    <Panel title={title} note={total ? `${formatCount(total)} handshakes` : undefined}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={160} />
      ) : total === 0 ? (
        <EmptyState title="Nothing measured in this window." />
      ) : (
        <HeatGrid
          rows={rows}
          times={times}
          stepMs={data.stepMs}
          colour={colour}
          strength={strength}
          describe={describe}
          rowHeight={rows.length > 24 ? 6 : 8}
          labelEvery={Math.ceil(rows.length / 8)}
          label={`${title} of ${formatCount(total)} handshakes over time, from ${formatUs(data.bins[0]?.from ?? null)} to ${formatUs(data.bins.at(-1)?.to ?? null)}.`}
        />
      )}
    </Panel>
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

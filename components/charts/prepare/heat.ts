import type { HeatmapReply, SeriesReply } from "@/lib/contract/read.ts";
import { formatUs, nameOf } from "../../ui/format.ts";
import { type ApiPoint, type ChartModel, joinLines, type Line } from "./model.ts";

/** One row of a heat map: a value a step, null where there is nothing to say, and the count behind each. */
export type HeatRow = {
  readonly label: string;
  readonly cells: readonly (number | null)[];
  readonly counts: readonly number[];
};
/** A heat map, top row first, with the same figures as a table. */
export type HeatModel = {
  readonly rows: readonly HeatRow[];
  readonly times: readonly number[];
  readonly table: ChartModel;
};

const line = (key: string, label: string, points: readonly ApiPoint[]): Line => ({
  key,
  label,
  colour: "var(--resumed)",
  shape: "area",
  points,
});

/** Resume rate of each node over time, nodes by name. */
export function prepareNodeHeat(reply: SeriesReply): HeatModel {
  const series = reply.series
    .map((s) => ({ label: nameOf(s.key.node), points: s.points }))
    .sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }));
  const sums = new Map<number, ApiPoint>();
  for (const { points } of series)
    for (const point of points) {
      const count = (sums.get(point.t)?.count ?? 0) + point.count;
      sums.set(point.t, { ...point, value: null, count });
    }
  return {
    rows: series.map(({ label, points }) => ({
      label,
      cells: points.map((p) => p.value),
      counts: points.map((p) => p.count),
    })),
    times: series[0]?.points.map((p) => p.t) ?? [],
    table: joinLines(
      { ...reply, unit: "ratio" },
      series.map(({ label, points }) => line(label, label, points)),
      [...sums.values()],
    ),
  };
}

/** Handshakes by their time, a row a range of times, slowest on top; empty cells stay empty. */
export function prepareLatencyHeat(reply: HeatmapReply): HeatModel {
  const { bins, columns } = reply;
  const rows = bins.map((bin, index) => ({
    label: formatUs(bin.to),
    cells: columns.map((column) => column.counts[index] || null),
    counts: columns.map((column) => column.counts[index] ?? 0),
  }));
  const lines = bins.map((bin, index) =>
    line(
      String(bin.to),
      `${formatUs(bin.from)} to ${formatUs(bin.to)}`,
      columns.map(({ t, counts }) => ({ t, value: counts[index] ?? 0, count: counts[index] ?? 0 })),
    ),
  );
  const totals = columns.map(({ t, total }) => ({ t, value: null, count: total }));
  return {
    rows: rows.reverse(),
    times: columns.map((column) => column.t),
    table: joinLines({ ...reply, unit: "count" }, lines, totals),
  };
}

/** Share of the colour for a count: by its square root, so that rare cells stay visible. `most` is the largest count. */
export function countStrength(count: number, most: number): number {
  return 0.15 + 0.85 * Math.sqrt(count / Math.max(1, most));
}

/** Share of a cell's height left free above and below: none from `full` counts on, a third for hardly any. */
export function thinness(count: number, full: number): number {
  return count >= full ? 0 : (1 - count / full) / 3;
}

/** Nodes with the lowest and the highest rate of the window, in words; empty without any rate. */
export function extremesText(reply: SeriesReply, format: (value: number | null) => string): string {
  const known = reply.series
    .filter((s) => s.total.value !== null)
    .sort((a, b) => (a.total.value ?? 0) - (b.total.value ?? 0));
  const say = (s: SeriesReply["series"][number] | undefined): string =>
    s ? `${nameOf(s.key.node)} ${format(s.total.value)} of ${s.total.count.toLocaleString("en-US")}` : "";
  if (known.length < 2) return say(known[0]);
  return `lowest ${say(known[0])}, highest ${say(known.at(-1))}`;
}

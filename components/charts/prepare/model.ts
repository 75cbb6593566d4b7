import { type Zone, zoneOffsetMs } from "../../ui/format.ts";

/** What a time chart draws, decided here and nowhere else; also its table and its CSV. Pure. */
export type Column = {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly shape: "area" | "line" | "dashed" | "thin";
};
export type Row = {
  readonly t: number;
  readonly partial: boolean;
  readonly values: Readonly<Record<string, number | null>>;
  readonly count: number;
  /** 95 % interval of the line that the counts stand for; null where it says nothing. */
  readonly band: readonly [low: number, high: number] | null;
  /** Between what the line usually lies at this time. */
  readonly usual?: readonly [low: number, high: number] | null;
};
export type ChartModel = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly unit: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Times are milliseconds from a moment of this name, not of the clock. */
  readonly from?: string;
  /** What the rows' intervals are of, where that is not the 95 % interval of the measured line. */
  readonly band?: { readonly label: string; readonly colour: string };
  /** Rows have no handshakes of their own to count. */
  readonly uncounted?: true;
};

/** A point as the read API gives it. */
export type ApiPoint = {
  readonly t: number;
  readonly value: number | null;
  readonly count: number;
  readonly partial?: boolean | undefined;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
};
export type Line = Column & { readonly points: readonly ApiPoint[]; readonly shiftMs?: number };

/** Puts lines over one time axis; `counts` is the line whose counts stand for the row. */
export function joinLines(
  window: { fromMs: number; toMs: number; stepMs: number; unit: string },
  lines: readonly Line[],
  counts: readonly ApiPoint[],
): ChartModel {
  const rows = new Map<number, Omit<Row, "values"> & { readonly values: Record<string, number | null> }>();
  for (const point of counts) {
    const { t, count, partial = false, low, high } = point;
    const band = low != null && high != null ? ([low, high] as const) : null;
    rows.set(t, { t, partial, values: {}, count, band });
  }
  for (const { key, points, shiftMs = 0 } of lines)
    for (const point of points) {
      const row = rows.get(point.t + shiftMs);
      if (row) row.values[key] = point.value;
    }
  return {
    ...window,
    columns: lines.map(({ key, label, colour, shape }) => ({ key, label, colour, shape })),
    rows: [...rows.values()].sort((a, b) => a.t - b.t),
  };
}

/** Points that stand alone between gaps: a line through them would show nothing, so they are drawn as dots. */
export function isolated(rows: readonly Row[], key: string): ReadonlySet<number> {
  const has = (index: number): boolean => rows[index]?.values[key] != null;
  return new Set(rows.flatMap((row, i) => (has(i) && !has(i - 1) && !has(i + 1) ? [row.t] : [])));
}

const TICK_STEPS_MS = [
  10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000,
].map((s) => s * 1_000);

/** Ticks at round times of the zone's clock, at most about `wanted`. */
export function timeTicks(fromMs: number, toMs: number, wanted: number, zone: Zone = "local"): number[] {
  const stepMs = TICK_STEPS_MS.find((step) => (toMs - fromMs) / step <= wanted) ?? (toMs - fromMs) / wanted;
  const zoneMs = zoneOffsetMs(fromMs, zone);
  const first = Math.ceil((fromMs + zoneMs) / stepMs) * stepMs - zoneMs;
  const ticks: number[] = [];
  for (let t = first; t <= toMs; t += stepMs) {
    // Beyond a change to or from summer time, ticks stay at round hours.
    const tick = t - (stepMs >= 7_200_000 ? zoneOffsetMs(t, zone) - zoneMs : 0);
    if (tick >= fromMs && tick <= toMs) ticks.push(tick);
  }
  return ticks;
}

/** The stretch of steps that are not over yet: their figures will still move. Null when all are final. */
export function provisionalSpan(rows: readonly Row[]): { fromMs: number; toMs: number } | null {
  const index = rows.findIndex((row) => row.partial);
  const [row, last] = [rows[index], rows.findLast(({ partial }) => partial)];
  return row && last ? { fromMs: rows[index - 1]?.t ?? row.t, toMs: last.t } : null;
}

/** A cell that no comma breaks and no spreadsheet takes for a formula: labels can be what a sender chose. */
export function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The model as CSV, UTC times, gaps as empty cells. */
export function modelCsv(model: ChartModel): string {
  const time = (t: number): string | number => (model.from === undefined ? new Date(t).toISOString() : t);
  const head = [
    model.from === undefined ? "time" : `ms from ${model.from}`,
    ...model.columns.map((c) => c.label),
    ...(model.uncounted ? [] : ["handshakes"]),
  ];
  const lines = model.rows.map((row) => [
    time(row.t),
    ...model.columns.map((c) => row.values[c.key] ?? ""),
    ...(model.uncounted ? [] : [row.count]),
  ]);
  return `${[head, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
}

/** Span a drag selected, at least two steps wide; null for a click. */
export function zoomSpan(
  model: ChartModel,
  aMs: number,
  bMs: number,
): { fromMs: number; toMs: number } | null {
  const fromMs = Math.min(aMs, bMs);
  const toMs = Math.max(aMs, bMs) + model.stepMs;
  return toMs - fromMs < 2 * model.stepMs ? null : { fromMs, toMs };
}

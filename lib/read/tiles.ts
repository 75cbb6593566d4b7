/** The Overview's tiles, from sums over the window and its steps. Pure. */
import type { Point, Tile } from "../contract/read.ts";
import {
  acceptShare,
  allHandshakes,
  type Counts,
  completed,
  failureShare,
  rateOf,
  resumeShare,
  type Share,
} from "../domain/rates.ts";
import type { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { Window } from "../store/port.ts";
import { stepsOf } from "./window.ts";

/** Everything that is summed over one step or one window of customers' handshakes. */
export type Sums = {
  counts: Counts;
  /** Of the wanted mechanisms alone, by what was offered: for accept and failure rate. */
  narrow: Counts;
  full: Histogram;
  resumed: Histogram;
  savedUs: number;
};
export type Side = {
  readonly total: Sums;
  readonly steps: Map<number, Sums>;
  readonly byEndpoint: Map<string | null, Sums & { steps: Map<number, Counts> }>;
  readonly excluded: number;
};

export type Tools = {
  readonly current: Side;
  readonly previous: Side | null;
  readonly window: Window;
  readonly nowMs: number;
};
type Measured = { value: number | null; count: number; low?: number | null; high?: number | null };

/** The Overview's tiles: value, interval, count, the same over the compared window, and its course. */
export function tilesOf(tools: Tools): Tile[] {
  const rate =
    (share: (c: Counts) => Share, of: "counts" | "narrow" = "counts") =>
    (sums: Sums): Measured => {
      const { k, n } = share(sums[of]);
      const interval = wilson(k, n);
      return { value: rateOf({ k, n }), count: n, low: interval?.low ?? null, high: interval?.high ?? null };
    };
  const perSecond =
    (of: (c: Counts) => number) =>
    (sums: Sums, spanMs: number): Measured => {
      const n = completed(sums.counts);
      return { value: n === 0 ? null : of(sums.counts) / (spanMs / 1_000), count: of(sums.counts) };
    };
  const p95 =
    (kind: "full" | "resumed") =>
    (sums: Sums): Measured => ({ value: sums[kind].quantile(0.95), count: sums[kind].count });
  const noOffers = "No source here can see what clients offered.";
  const noTimes = "No source here measures handshake time.";
  return [
    tileOf(tools, {
      id: "resume_rate",
      label: "Resume rate",
      unit: "ratio",
      measure: rate(resumeShare),
      note: "No source here tells full from resumed handshakes.",
    }),
    tileOf(tools, {
      id: "accept_rate",
      label: "Accept rate",
      unit: "ratio",
      measure: rate(acceptShare, "narrow"),
      note: noOffers,
    }),
    tileOf(tools, {
      id: "full_per_s",
      label: "Full handshakes",
      unit: "per_s",
      measure: perSecond((c) => c.full),
      note: null,
    }),
    tileOf(tools, {
      id: "resumed_per_s",
      label: "Resumed handshakes",
      unit: "per_s",
      measure: perSecond((c) => c.resumed),
      note: null,
    }),
    tileOf(tools, { id: "p95_full", label: "p95 full", unit: "us", measure: p95("full"), note: noTimes }),
    tileOf(tools, {
      id: "p95_resumed",
      label: "p95 resumed",
      unit: "us",
      measure: p95("resumed"),
      note: noTimes,
    }),
    tileOf(tools, {
      id: "cpu_saved",
      label: "CPU saved",
      unit: "cores",
      measure: (sums, spanMs) => ({
        value: completed(sums.counts) === 0 ? null : sums.savedUs / 1_000 / spanMs,
        count: sums.counts.resumed,
      }),
      note: null,
    }),
    tileOf(tools, {
      id: "failure_rate",
      label: "Failed handshakes",
      unit: "ratio",
      measure: rate(failureShare, "narrow"),
      note: null,
    }),
  ];
}

type TileSpec = {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly measure: (sums: Sums, spanMs: number) => Measured;
  readonly note: string | null;
};

function tileOf({ current, previous, window, nowMs }: Tools, spec: TileSpec): Tile {
  const spanMs = Math.max(1, Math.min(window.toMs, nowMs) - window.fromMs);
  const now = spec.measure(current.total, spanMs);
  const before = previous ? spec.measure(previous.total, spanMs) : null;
  const anything = allHandshakes(current.total.counts) > 0;
  return {
    id: spec.id,
    label: spec.label,
    unit: spec.unit,
    value: now.value,
    count: now.count,
    low: now.low ?? null,
    high: now.high ?? null,
    previous: before?.value ?? null,
    previousCount: before?.count ?? 0,
    sparkline: stepsOf(window).map((t) =>
      sparkPoint(t, current.steps.get(t), { window, nowMs, measure: spec.measure }),
    ),
    note: now.value !== null ? null : anything ? spec.note : "No handshakes in this window.",
  };
}

function sparkPoint(
  t: number,
  sums: Sums | undefined,
  at: { window: Window; nowMs: number; measure: TileSpec["measure"] },
): Point {
  const { stepMs } = at.window;
  if (!sums) return { t, value: null, count: 0 };
  const { value, count } = at.measure(sums, Math.max(1, Math.min(stepMs, at.nowMs - t)));
  return { t, value, count, ...(t + stepMs > at.nowMs ? { partial: true } : {}) };
}

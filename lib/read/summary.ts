import type { z } from "zod";
import type { EndpointRow, Point, SummaryReply, summaryParams, Tile } from "../contract/read.ts";
import { savedUs } from "../domain/cost.ts";
import {
  acceptShare,
  addResult,
  allHandshakes,
  type Counts,
  completed,
  failureShare,
  noCounts,
  rateOf,
  resumeShare,
  type Share,
} from "../domain/rates.ts";
import { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, RollupRow, TenantId, Window } from "../store/port.ts";
import { type Filters, parseFilters } from "./filters.ts";
import { getOrMake } from "./get-or-make.ts";
import { mechanismOf } from "./mechanisms.ts";
import { ParameterProblem } from "./problem.ts";
import { statusOf } from "./status.ts";
import { viewPairs } from "./views.ts";
import { alignWindow, parseWindow, stepsOf } from "./window.ts";

const SPARK_POINTS = 60;
const COMPARED_MS = { none: 0, day: 86_400_000, week: 604_800_000 } as const;

/** Everything that is summed over one step or one window of customers' handshakes. */
export type Sums = {
  counts: Counts;
  /** Of the wanted mechanisms alone, by what was offered: for accept and failure rate. */
  narrow: Counts;
  full: Histogram;
  resumed: Histogram;
  savedUs: number;
};
type Side = {
  readonly total: Sums;
  readonly steps: Map<number, Sums>;
  readonly byEndpoint: Map<string | null, Sums & { steps: Map<number, Counts> }>;
  readonly excluded: number;
};

/** Answers /api/summary: what the Overview's tiles and ranking show. Throws ParameterProblem. */
export async function readSummary(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof summaryParams>; readonly nowMs: number },
): Promise<SummaryReply> {
  const { params, nowMs } = request;
  const window = parseWindow(params, nowMs, SPARK_POINTS);
  const filters = parseFilters(params);
  if (filters.outcomes)
    throw new ParameterProblem("outcome", "outcome does not fit a summary: its rates are made of outcomes");
  const compare = params.compare ?? "none";
  const extent = await store.extent(tenant);
  const current = await readSide(store, tenant, { window, filters });
  const shiftMs = COMPARED_MS[compare];
  // The present window is not over; it is compared with as much of the earlier one.
  const elapsed = { ...window, toMs: Math.min(window.toMs, Math.ceil(nowMs / 10_000) * 10_000) };
  const earlier = { ...elapsed, fromMs: elapsed.fromMs - shiftMs, toMs: elapsed.toMs - shiftMs };
  const previous = shiftMs === 0 ? null : await readSide(store, tenant, { window: earlier, filters });
  const used = alignWindow({ ...window, stepMs: current.stepMs });
  const tools = { current, previous, window: used, nowMs };
  return {
    ...used,
    newestMs: extent?.toMs ?? null,
    compare,
    status: statusOf({
      current: current.total.counts,
      previous: previous?.total.counts ?? null,
      window: used,
      compare,
      nowMs,
      newestMs: extent?.toMs ?? null,
    }),
    tiles: tilesOf(tools),
    endpoints: endpointsOf(tools),
    excludedHandshakes: current.excluded,
    twoViews: viewPairs(await store.readCoverage(tenant)).length,
  };
}

const noSums = (): Sums => ({
  counts: noCounts(),
  narrow: noCounts(),
  full: new Histogram(),
  resumed: new Histogram(),
  savedUs: 0,
});

async function readSide(
  store: ReadStore,
  tenant: TenantId,
  { window, filters }: { window: Window; filters: Filters },
): Promise<Side & { stepMs: number }> {
  const query = { ...window, filter: filters.segment };
  // Two reads, each from the smallest marginal that has it: by endpoint without histograms, in total with them.
  const endpoints = await store.readRollups(tenant, { ...query, by: ["endpoint"] });
  const totals = await store.readRollups(tenant, { ...query, histograms: ["handshakeUs"] });
  const side = {
    total: noSums(),
    steps: new Map<number, Sums>(),
    byEndpoint: new Map() as Side["byEndpoint"],
    excluded: 0,
  };
  const everybody = filters.segment.family !== undefined;
  for (const row of totals.rows) {
    if (!everybody && row.excluded) side.excluded += row.count;
    if (!everybody && row.excluded) continue;
    addTo(side.total, row, filters);
    addTo(getOrMake(side.steps, row.bucketStartMs, noSums), row, filters);
  }
  for (const row of endpoints.rows.filter((row) => everybody || !row.excluded)) {
    const made = () => ({ ...noSums(), steps: new Map<number, Counts>() });
    const endpoint = getOrMake(side.byEndpoint, row.group.endpoint ?? null, made);
    addTo(endpoint, row, filters);
    addCounts(getOrMake(endpoint.steps, row.bucketStartMs, noCounts), row, filters);
  }
  return { ...side, stepMs: totals.stepMs };
}

/** Counts a row. Answers whether it is of a wanted mechanism; what resumed otherwise is a denominator only. */
function addCounts(counts: Counts, row: RollupRow, { mechanisms }: Filters): boolean {
  if (row.outcome !== "resumed" || !mechanisms || mechanisms.has(row.mechanism)) {
    addResult(counts, row, row.count);
    return true;
  }
  counts.resumedOtherwise += row.count;
  return false;
}

function addTo(sums: Sums, row: RollupRow, filters: Filters): void {
  if (filters.mechanisms?.has(mechanismOf("accept_rate", row)) ?? true)
    addResult(sums.narrow, row, row.count);
  if (!addCounts(sums.counts, row, filters) || row.outcome === "failed") return;
  if (row.handshakeUs && row.outcome !== null) sums[row.outcome].merge(row.handshakeUs);
  // psk is TLS 1.3's; the other mechanisms are of TLS 1.2 and before. Unknown counts as 1.2, the smaller saving or equal.
  if (row.outcome === "resumed")
    sums.savedUs += row.count * savedUs(row.mechanism === "psk" ? "TLSv1.3" : "TLSv1.2");
}

type Tools = {
  readonly current: Side;
  readonly previous: Side | null;
  readonly window: Window;
  readonly nowMs: number;
};
type Measured = { value: number | null; count: number; low?: number | null; high?: number | null };

function tilesOf(tools: Tools): Tile[] {
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

function endpointsOf({ current, previous, window }: Tools): EndpointRow[] {
  const rows = [...current.byEndpoint].map(([endpoint, sums]): EndpointRow => {
    const share = resumeShare(sums.counts);
    const interval = wilson(share.k, share.n);
    const before = previous?.byEndpoint.get(endpoint)?.counts;
    const rate = rateOf(share);
    const rateBefore = before ? rateOf(resumeShare(before)) : null;
    const { full, resumed, failed, unknown } = sums.counts;
    return {
      endpoint,
      handshakes: full + resumed + failed + unknown,
      full,
      resumed,
      failed,
      unknown,
      resumeRate: rate,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      previousResumeRate: rateBefore,
      previousCount: before ? completed(before) : 0,
      lost: rate === null || rateBefore === null ? null : Math.max(0, (rateBefore - rate) * share.n),
      sparkline: stepsOf(window).map((t) => {
        const counts = sums.steps.get(t);
        const step = counts ? resumeShare(counts) : { k: 0, n: 0 };
        return { t, value: rateOf(step), count: step.n };
      }),
    };
  });
  return rows.sort((a, b) => (b.lost ?? 0) - (a.lost ?? 0) || b.handshakes - a.handshakes);
}

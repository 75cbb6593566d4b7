import type { z } from "zod";
import type { EndpointRow, SummaryReply, summaryParams } from "../contract/read.ts";
import { type CostTable, DEFAULT_COSTS, savedUs } from "../domain/cost.ts";
import { addResult, type Counts, completed, noCounts, rateOf, resumeShare } from "../domain/rates.ts";
import { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, RollupRow, TenantId, Window } from "../store/port.ts";
import { type Filters, parseFilters } from "./filters.ts";
import { getOrMake } from "./get-or-make.ts";
import { mechanismOf } from "./mechanisms.ts";
import { incidentTiles, openIncidentsOf, readOpenIncidents } from "./open-incidents.ts";
import { ParameterProblem } from "./problem.ts";
import { statusOf } from "./status.ts";
import { type Side, type Sums, type Tools, tilesOf } from "./tiles.ts";
import { sharedProducts } from "./views.ts";
import { alignWindow, parseWindow, stepsOf } from "./window.ts";

const SPARK_POINTS = 60;
const COMPARED_MS = { none: 0, day: 86_400_000, week: 604_800_000 } as const;

/** Answers /api/summary: what the Overview's tiles and ranking show; CPU by the cost table `costs`. Throws ParameterProblem. */
export async function readSummary(
  store: ReadStore,
  tenant: TenantId,
  request: {
    readonly params: z.infer<typeof summaryParams>;
    readonly nowMs: number;
    readonly costs?: CostTable;
  },
): Promise<SummaryReply> {
  const { params, nowMs, costs = DEFAULT_COSTS } = request;
  const window = parseWindow(params, nowMs, SPARK_POINTS);
  const filters = parseFilters(params);
  if (filters.outcomes)
    throw new ParameterProblem("outcome", "outcome does not fit a summary: its rates are made of outcomes");
  const compare = params.compare ?? "none";
  const extent = await store.extent(tenant);
  const current = await readSide(store, tenant, { window, filters, costs });
  const shiftMs = COMPARED_MS[compare];
  // The present window is not over; it is compared with as much of the earlier one.
  const elapsed = { ...window, toMs: Math.min(window.toMs, Math.ceil(nowMs / 10_000) * 10_000) };
  const earlier = { ...elapsed, fromMs: elapsed.fromMs - shiftMs, toMs: elapsed.toMs - shiftMs };
  const previous = shiftMs === 0 ? null : await readSide(store, tenant, { window: earlier, filters, costs });
  const used = alignWindow({ ...window, stepMs: current.stepMs });
  const tools = { current, previous, window: used, nowMs };
  const { endpoint: endpoints } = filters.segment;
  const open = await readOpenIncidents(store, tenant, { endpoints, window: used, nowMs, costs });
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
      openPages: open.pages,
    }),
    openIncidents: openIncidentsOf(open),
    tiles: [...tilesOf(tools), ...incidentTiles(open)],
    endpoints: endpointsOf(tools),
    excludedHandshakes: current.excluded,
    twoViews: sharedProducts(await store.readCoverage(tenant)).length,
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
  { window, filters, costs }: { window: Window; filters: Filters; costs: CostTable },
): Promise<Side & { stepMs: number }> {
  const query = { ...window, filter: filters.segment };
  // Three reads, each from the smallest marginal that has it; times are told by one view only, whichever is counted.
  const endpoints = await store.readRollups(tenant, { ...query, by: ["endpoint"] });
  const totals = await store.readRollups(tenant, query);
  const times = await store.readRollups(tenant, { ...query, histograms: ["handshakeUs"], views: "all" });
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
  for (const row of times.rows.filter((row) => everybody || !row.excluded)) {
    addTimes(side.total, row, filters);
    addTimes(getOrMake(side.steps, row.bucketStartMs, noSums), row, filters);
  }
  for (const row of endpoints.rows.filter((row) => everybody || !row.excluded)) {
    const made = () => ({ ...noSums(), steps: new Map<number, Counts>() });
    const endpoint = getOrMake(side.byEndpoint, row.group.endpoint ?? null, made);
    addTo(endpoint, row, filters);
    // Here, since what is saved depends on the endpoint's certificate.
    const us = savedBy(row, filters, costs);
    side.total.savedUs += us;
    getOrMake(side.steps, row.bucketStartMs, noSums).savedUs += us;
    addCounts(getOrMake(endpoint.steps, row.bucketStartMs, noCounts), row, filters);
  }
  return { ...side, stepMs: totals.stepMs };
}

/** Counts a row; what resumed by a mechanism that is not wanted is a denominator only. */
function addCounts(counts: Counts, row: RollupRow, { mechanisms }: Filters): void {
  if (row.outcome !== "resumed" || !mechanisms || mechanisms.has(row.mechanism))
    addResult(counts, row, row.count);
  else counts.resumedOtherwise += row.count;
}

function addTo(sums: Sums, row: RollupRow, filters: Filters): void {
  if (filters.mechanisms?.has(mechanismOf("accept_rate", row)) ?? true)
    addResult(sums.narrow, row, row.count);
  addCounts(sums.counts, row, filters);
}

/** CPU microseconds that a row's handshakes saved by resuming; 0 for mechanisms that are not wanted. */
function savedBy(row: RollupRow, { mechanisms }: Filters, costs: CostTable): number {
  if (row.outcome !== "resumed" || (mechanisms && !mechanisms.has(row.mechanism))) return 0;
  // psk is TLS 1.3's; the other mechanisms are of TLS 1.2 and before. Unknown counts as 1.2, the smaller saving or equal.
  const protocol = row.mechanism === "psk" ? "TLSv1.3" : "TLSv1.2";
  return row.count * savedUs({ protocol, endpoint: row.group.endpoint ?? null }, costs);
}

function addTimes(sums: Sums, row: RollupRow, { mechanisms }: Filters): void {
  if (row.outcome !== "full" && row.outcome !== "resumed") return;
  const wanted = row.outcome === "full" || !mechanisms || mechanisms.has(row.mechanism);
  if (wanted && row.handshakeUs) sums[row.outcome].merge(row.handshakeUs);
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

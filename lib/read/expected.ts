/** What the resume rate was expected to be, at the mix that came (DOMAIN 5.3), and the CPU that a shortfall costs (5.4). */
import type { Point, SeriesReply } from "../contract/read.ts";
import { type CostTable, savedUs } from "../domain/cost.ts";
import { METRIC_DEFINITIONS } from "../domain/metrics.ts";
import type { Protocol } from "../domain/vocabulary.ts";
import { robustSpread } from "../stats/robust.ts";
import type { ReadStore, TenantId, Window } from "../store/port.ts";
import { type Filters, parseBy } from "./filters.ts";
import { ParameterProblem } from "./problem.ts";
import type { SeriesParams } from "./series-params.ts";
import {
  cameIn,
  expectedOf,
  HOUR_MS,
  readTrafficClasses,
  type TrafficClass,
  type TrafficClasses,
} from "./usual-classes.ts";
import { stepsOf } from "./window.ts";

/** Hours before the window from which the usual distance between expected and measured is taken. */
const SPREAD_HOURS = 48;
/** Hours that such a distance needs. */
const LEAST_SPREAD_HOURS = 6;
/** Width of the band in standard deviations. */
const BAND_SIGMAS = 2;

type Request = {
  readonly params: SeriesParams;
  readonly window: Window;
  readonly filters: Filters;
  readonly nowMs: number;
  readonly costs: CostTable;
};
type Measured = Pick<Point, "value" | "count" | "low" | "high">;

/**
 * Answers `expected_resume_rate` (with the band in which it usually lies) and `cpu_at_risk` (cores; below 0 where more resumed than
 * expected). Null where too little history is known. Throws ParameterProblem.
 */
export async function readExpectedSeries(
  store: ReadStore,
  tenant: TenantId,
  request: Request,
): Promise<SeriesReply> {
  const { params, filters, nowMs } = request;
  const { metric } = params;
  if (parseBy(params.by).length > 0)
    throw new ParameterProblem("by", `${metric} cannot be split: filter instead`);
  if (filters.outcomes) throw new ParameterProblem("outcome", `outcome does not fit ${metric}`);
  if (filters.mechanisms) throw new ParameterProblem("mechanism", `mechanism does not fit ${metric}`);
  const traffic = await readTrafficClasses(store, tenant, { ...request, filter: filters.segment });
  const { window } = traffic;
  const measure =
    metric === "cpu_at_risk"
      ? await riskOf(store, tenant, { request, traffic })
      : rateOfSteps(traffic, spreadBefore(traffic));
  const steps = stepsOf(window).map((t): Point => {
    const spanMs = Math.max(1, Math.min(window.stepMs, nowMs - t));
    return { t, ...measure(t, spanMs), ...(t + window.stepMs > nowMs ? { partial: true } : {}) };
  });
  return {
    metric,
    unit: METRIC_DEFINITIONS[metric].unit,
    ...window,
    resolutionMs: traffic.resolutionMs,
    by: [],
    series: traffic.classes.length === 0 ? [] : [{ key: {}, points: steps, total: totalOf(steps) }],
    seriesTotal: traffic.classes.length === 0 ? 0 : 1,
  };
}

/** The mean of known steps by handshakes: an expectation, or cores, of the window. */
function totalOf(points: readonly Point[]): { value: number | null; count: number } {
  const known = points.filter(({ value }) => value !== null);
  const count = known.reduce((sum, point) => sum + point.count, 0);
  const sum = known.reduce((total, { value, count: n }) => total + (value ?? 0) * n, 0);
  return { value: count > 0 ? sum / count : null, count };
}

const hourOf = (t: number): number => Math.floor(t / HOUR_MS);

function rateOfSteps({ classes }: TrafficClasses, spread: number | null) {
  return (t: number): Measured => {
    const expected = expectedOf(
      classes.map((of) => ({ of, n: cameIn(of, t) })),
      hourOf(t),
    );
    if (!expected) return { value: null, count: 0 };
    const { rate, n } = expected;
    if (spread === null) return { value: rate, count: n };
    const width = BAND_SIGMAS * Math.sqrt(spread ** 2 + (rate * (1 - rate)) / Math.max(1, n));
    return { value: rate, count: n, low: Math.max(0, rate - width), high: Math.min(1, rate + width) };
  };
}

/** How far measured hours usually lie from what was expected of them; null where too few can be compared. */
function spreadBefore({ classes, window }: TrafficClasses): number | null {
  const end = hourOf(window.fromMs);
  const distances: number[] = [];
  for (let hour = end - SPREAD_HOURS; hour < end; hour += 1) {
    const shares = classes.flatMap((of) => {
      const share = of.came(hour);
      return share ? [{ of, ...share }] : [];
    });
    const expected = expectedOf(shares, hour);
    if (!expected || expected.n === 0) continue;
    distances.push(shares.reduce((sum, { k }) => sum + k, 0) / expected.n - expected.rate);
  }
  return distances.length < LEAST_SPREAD_HOURS ? null : robustSpread(distances);
}

/** CPU at risk = sum over classes of (expected R - R) × handshakes / s × (full - resumed CPU). */
async function riskOf(
  store: ReadStore,
  tenant: TenantId,
  { request, traffic }: { readonly request: Request; readonly traffic: TrafficClasses },
) {
  const eachUs = await costsOf(store, tenant, { request, traffic });
  return (t: number, spanMs: number): Measured => {
    const parts = traffic.classes.map((of) => ({ of, n: cameIn(of, t) }));
    const expected = expectedOf(parts, hourOf(t));
    if (!expected) return { value: null, count: 0 };
    const us = parts.reduce((sum, { of, n }) => {
      const usual = n > 0 ? of.usual(hourOf(t)) : null;
      return usual === null ? sum : sum + (usual * n - (of.steps.get(t)?.resumed ?? 0)) * eachUs(of);
    }, 0);
    return { value: us / 1_000 / spanMs, count: expected.n };
  };
}

/** What a class's handshake costs more in full, by its protocol, or by the protocols that its endpoint had in the window. */
async function costsOf(
  store: ReadStore,
  tenant: TenantId,
  { request, traffic }: { readonly request: Request; readonly traffic: TrafficClasses },
): Promise<(of: TrafficClass) => number> {
  const { filters, costs } = request;
  const only = filters.segment.endpoint?.length === 1 ? (filters.segment.endpoint[0] ?? null) : null;
  if (Object.keys(filters.segment).length > 0)
    return ({ group }) =>
      savedUs({ endpoint: only, protocol: (group.protocol ?? null) as Protocol | null }, costs);
  const { fromMs, toMs } = traffic.window;
  const { rows } = await store.readRollups(tenant, {
    fromMs,
    toMs,
    stepMs: Math.max(traffic.window.stepMs, toMs - fromMs),
    by: ["endpoint", "protocol"],
  });
  const sums = new Map<string | null, { n: number; us: number }>();
  for (const { group, count, excluded } of rows) {
    if (excluded) continue;
    const { endpoint = null, protocol = null } = group;
    const sum = sums.get(endpoint) ?? { n: 0, us: 0 };
    const us = savedUs({ endpoint, protocol: protocol as Protocol | null }, costs);
    sums.set(endpoint, { n: sum.n + count, us: sum.us + count * us });
  }
  return ({ group: { endpoint = null } }) => {
    const sum = sums.get(endpoint);
    return sum ? sum.us / sum.n : savedUs({ endpoint, protocol: null }, costs);
  };
}

import type { Grouping, Metric, Point, SeriesReply } from "../contract/read.ts";
import { type CostTable, DEFAULT_COSTS, savedUs } from "../domain/cost.ts";
import {
  METRIC_DEFINITIONS,
  type MetricDefinition,
  type RateMetric,
  type ValueMetric,
} from "../domain/metrics.ts";
import { addResult, allHandshakes, type Counts, completed, noCounts, rateOf } from "../domain/rates.ts";
import { DIMENSIONS, type Dimension, type Protocol } from "../domain/vocabulary.ts";
import { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, RollupRow, TenantId, Window } from "../store/port.ts";
import { readCacheSeries } from "./cache-series.ts";
import { readExpectedSeries } from "./expected.ts";
import { type Filters, parseBy, parseFilters, parseQuantiles } from "./filters.ts";
import { isShared, mechanismOf, ofMechanisms } from "./mechanisms.ts";
import { ParameterProblem } from "./problem.ts";
import { MAX_SERIES, type SeriesParams } from "./series-params.ts";
import { alignWindow, parseWindow, stepsOf } from "./window.ts";

type Key = Partial<Record<Grouping, string | null>>;
/** What a metric needs of one step and of the whole window. */
type Sum = { counts: Counts; histogram: Histogram; savedUs: number };
const COSTED: readonly string[] = ["endpoint", "protocol"];
type Group = { readonly key: Key; readonly steps: Map<number, Sum>; readonly total: Sum };

/** Answers /api/series; `costs` is the cost table of `cpu_saved`. Throws ParameterProblem. */
export async function readSeries(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: SeriesParams; readonly nowMs: number; readonly costs?: CostTable },
): Promise<SeriesReply> {
  const { params, nowMs, costs = DEFAULT_COSTS } = request;
  const window = parseWindow(params, nowMs);
  const filters = parseFilters(params);
  if (params.metric === "cache_hit_ratio") return readCacheSeries(store, tenant, { window, params, nowMs });
  const definition: MetricDefinition = METRIC_DEFINITIONS[params.metric];
  if (definition.kind === "expected")
    return readExpectedSeries(store, tenant, { params, window, filters, nowMs, costs });
  const quantiles = definition.kind === "value" ? parseQuantiles(params.q) : [undefined];
  const asked = parseBy(params.by);
  checkOutcomes(params.metric, asked, filters);
  const by = groupings(definition, asked, filters);
  const result = await store.readRollups(tenant, {
    ...window,
    by: dimensionsFor(definition, by, costs),
    filter: filters.segment,
    ...(filters.outcomes ? { outcomes: filters.outcomes } : {}),
    // Times are told by one view only, whichever of them is counted.
    ...(definition.kind === "value" ? { histograms: [definition.histogram], views: "all" as const } : {}),
  });
  const used = alignWindow({ ...window, stepMs: result.stepMs });
  const rows = ofMechanisms(params.metric, result.rows, filters.mechanisms);
  const groups = groupRows(rows, { metric: params.metric, by, definition, filters, costs });
  return {
    metric: params.metric,
    unit: definition.unit,
    ...used,
    resolutionMs: result.resolutionMs,
    by,
    series: groups.slice(0, MAX_SERIES).flatMap((group) =>
      quantiles.map((q) => ({
        key: group.key,
        ...(q === undefined ? {} : { q }),
        ...pointsOf(group, {
          window: used,
          nowMs,
          evaluate: evaluator(params.metric, { definition, by, q, stepMs: used.stepMs }),
        }),
      })),
    ),
    seriesTotal: groups.length * quantiles.length,
  };
}

/** Throws ParameterProblem where outcomes are to split or filter a rate: it is made of them. */
function checkOutcomes(metric: Metric, by: readonly Grouping[], filters: Filters): void {
  if (METRIC_DEFINITIONS[metric].kind !== "rate") return;
  if (by.includes("outcome"))
    throw new ParameterProblem("by", `by=outcome does not fit ${metric}: a rate is made of outcomes`);
  if (filters.outcomes)
    throw new ParameterProblem("outcome", `outcome does not fit ${metric}: a rate is made of outcomes`);
}

/** Full and resumed are never averaged into one latency. */
function groupings(definition: MetricDefinition, by: Grouping[], filters: Filters): Grouping[] {
  const mixed = definition.kind === "value" && !by.includes("outcome") && filters.outcomes?.length !== 1;
  return mixed ? [...by, "outcome"] : by;
}

function dimensionsFor(
  definition: MetricDefinition,
  by: readonly Grouping[],
  { endpoints }: CostTable,
): Dimension[] {
  // What resuming saves depends on the protocol and on the endpoint's certificate.
  const costed = definition.kind !== "cpu" ? [] : Object.keys(endpoints).length > 0 ? COSTED : ["protocol"];
  return DIMENSIONS.filter((name) => by.includes(name) || costed.includes(name));
}

type Grouper = {
  readonly metric: Metric;
  readonly by: readonly Grouping[];
  readonly definition: MetricDefinition;
  readonly filters: Filters;
  readonly costs: CostTable;
};

function groupRows(rows: readonly RollupRow[], grouper: Grouper): Group[] {
  const everybody = grouper.definition.kind === "count" || grouper.filters.segment.family !== undefined;
  const groups = new Map<string, Group>();
  for (const row of rows) {
    if (row.excluded && !everybody) continue;
    if (grouper.definition.kind === "value" && !row[grouper.definition.histogram]) continue;
    const key = keyOf(row, grouper);
    const text = JSON.stringify(key);
    let group = groups.get(text);
    if (!group) {
      group = { key, steps: new Map(), total: noSum() };
      groups.set(text, group);
    }
    let step = group.steps.get(row.bucketStartMs);
    if (!step) {
      step = noSum();
      group.steps.set(row.bucketStartMs, step);
    }
    addRow(step, row, grouper);
    addRow(group.total, row, grouper);
  }
  return sharedDenominator([...groups.values()], grouper)
    .filter((group) => counts(group, grouper))
    .sort((a, b) => size(b) - size(a));
}

/** Split by outcome or mechanism, a count has groups that can only be 0 (full handshakes have no mechanism). */
function counts(group: Group, { by, definition }: Grouper): boolean {
  const split = by.includes("mechanism") || by.includes("outcome");
  return definition.kind !== "count" || !split || definition.count(group.total.counts) > 0;
}

const size = ({ total: { counts } }: Group): number => allHandshakes(counts);
const noSum = (): Sum => ({ counts: noCounts(), histogram: new Histogram(), savedUs: 0 });

function addRow(sum: Sum, row: RollupRow, { definition, costs }: Grouper): void {
  addResult(sum.counts, row, row.count);
  if (definition.kind === "value")
    sum.histogram.merge(row[(definition as ValueMetric).histogram] as Histogram);
  if (definition.kind === "cpu" && row.outcome === "resumed")
    sum.savedUs += row.count * savedUs(costedOf(row), costs);
}

const costedOf = ({ group: { endpoint = null, protocol = null } }: RollupRow) => ({
  endpoint,
  protocol: protocol as Protocol | null,
});

function keyOf(row: RollupRow, { by, metric }: Grouper): Key {
  const key: Key = {};
  for (const name of by) {
    if (name === "mechanism") key[name] = mechanismOf(metric, row);
    else key[name] = name === "outcome" ? row.outcome : (row.group[name] ?? null);
  }
  return key;
}

/**
 * By mechanism, resume and offer rate are each mechanism's share of all completed handshakes of its group, so that the
 * mechanisms add up to R and O: each group gets the denominator of all of them.
 */
function sharedDenominator(groups: Group[], { metric, by, definition }: Grouper): Group[] {
  if (definition.kind !== "rate" || !by.includes("mechanism")) return groups;
  if (isShared(metric)) {
    const families = Map.groupBy(groups, ({ key }) => JSON.stringify({ ...key, mechanism: undefined }));
    for (const family of families.values()) shareDenominator(metric, family);
  }
  return groups.filter(
    (group) => definition.share(group.total.counts).n > 0 && hasShare(group, definition, metric),
  );
}

const hasShare = ({ total }: Group, definition: RateMetric, metric: Metric): boolean =>
  !isShared(metric) || definition.share(total.counts).k > 0;

function shareDenominator(metric: Metric, family: readonly Group[]): void {
  const steps = new Map<number, number>();
  let total = 0;
  for (const group of family) {
    for (const [t, { counts }] of group.steps)
      steps.set(t, (steps.get(t) ?? 0) + denominatorOf(metric, counts));
    total += denominatorOf(metric, group.total.counts);
  }
  for (const group of family) {
    for (const [t, n] of steps) {
      const step = group.steps.get(t) ?? noSum();
      setDenominator(metric, step.counts, n);
      group.steps.set(t, step);
    }
    setDenominator(metric, group.total.counts, total);
  }
}

const denominatorOf = (metric: Metric, counts: Counts): number =>
  metric === "offer_rate" ? counts.seenCompleted : completed(counts);

function setDenominator(metric: Metric, counts: Counts, n: number): void {
  if (metric === "offer_rate") counts.seenCompleted = n;
  else counts.full = n - counts.resumed;
}

export type Evaluation = {
  readonly value: number | null;
  readonly count: number;
  readonly low?: number | null;
  readonly high?: number | null;
};

function evaluator(
  metric: Metric,
  context: { definition: MetricDefinition; by: readonly Grouping[]; q: number | undefined; stepMs: number },
): (sum: Sum, spanMs: number) => Evaluation {
  const { definition, q } = context;
  if (definition.kind === "rate")
    return ({ counts }) => {
      const share = definition.share(counts);
      const interval = wilson(share.k, share.n);
      return {
        value: rateOf(share),
        count: share.n,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
      };
    };
  if (definition.kind === "count")
    return ({ counts }) => {
      const total = allHandshakes(counts);
      return { value: total === 0 ? null : definition.count(counts), count: total };
    };
  if (definition.kind === "value")
    return ({ histogram }) => ({ value: histogram.quantile(q ?? 0.5), count: histogram.count });
  if (metric !== "cpu_saved") throw new Error(`no evaluation for ${metric}`);
  return ({ counts, savedUs: us }, spanMs) => {
    const n = counts.full + counts.resumed;
    return { value: n === 0 ? null : us / 1_000 / spanMs, count: n };
  };
}

type Draw = {
  readonly window: Window;
  readonly nowMs: number;
  readonly evaluate: (sum: Sum, spanMs: number) => Evaluation;
};

function pointsOf(
  group: Group,
  draw: Draw,
): { points: Point[]; total: { value: number | null; count: number } } {
  const { window, nowMs, evaluate } = draw;
  const points = stepsOf(window).map((t): Point => {
    const sum = group.steps.get(t);
    const partial = t + window.stepMs > nowMs ? { partial: true } : {};
    const spanMs = Math.max(1, Math.min(window.stepMs, nowMs - t));
    return sum ? { t, ...evaluate(sum, spanMs), ...partial } : { t, value: null, count: 0, ...partial };
  });
  const { value, count } = evaluate(group.total, Math.max(1, Math.min(window.toMs, nowMs) - window.fromMs));
  return { points, total: { value, count } };
}

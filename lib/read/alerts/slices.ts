/** Sums over sliding windows, read once in slices. */
import type { Labels } from "../../alerting/match.ts";
import type { AlertMetric, AlertRule } from "../../domain/alert-rule.ts";
import { METRIC_DEFINITIONS, type MetricDefinition } from "../../domain/metrics.ts";
import { addResult, allHandshakes, noCounts } from "../../domain/rates.ts";
import type { Outcome } from "../../domain/vocabulary.ts";
import { Histogram } from "../../stats/histogram.ts";
import type { RollupRow } from "../../store/port.ts";
import { getOrMake } from "../get-or-make.ts";
import { filterOf, labelsOf, type MeasureContext, MOST_ALERTS, type Times } from "./measured.ts";

/** What a metric needs of a window: k of n, and the values of durations and ages. */
export type Sum = { k: number; n: number; values: Histogram | null };
export type Sliced = {
  readonly labels: Labels;
  /** Handshakes in all that was read. */
  readonly size: number;
  over(fromMs: number, toMs: number): Sum;
  /** End of the last slice before a moment that holds anything; null where none does. */
  last(atMs: number): number | null;
};

const WIDTHS_MS = [3_600_000, 900_000, 300_000, 60_000, 10_000];
/** Slices that the shortest window is made of at least. */
const LEAST_SLICES = 5;

export type SliceRequest = {
  readonly rule: Pick<AlertRule, "scope" | "by">;
  readonly metric: AlertMetric;
  readonly outcome?: Outcome | undefined;
  readonly times: Times;
  readonly shortestMs: number;
  readonly longestMs: number;
};

/**
 * Reads what rates, counts and durations need, split by the rule's labels: the busiest groups. Customers' handshakes only, unless
 * families are named.
 */
export async function readSlices(context: MeasureContext, request: SliceRequest): Promise<Sliced[]> {
  const { rule, metric, times, shortestMs, longestMs, outcome } = request;
  const definition: MetricDefinition = METRIC_DEFINITIONS[metric];
  const widthMs = WIDTHS_MS.find((width) => shortestMs / width >= LEAST_SLICES) ?? 10_000;
  const read = (stepMs: number) =>
    context.store.readRollups(context.tenant, {
      fromMs: Math.floor((times.fromMs - longestMs) / stepMs) * stepMs,
      toMs: Math.ceil((times.toMs + 1) / stepMs) * stepMs,
      stepMs,
      by: rule.by,
      filter: filterOf(rule.scope),
      ...(outcome ? { outcomes: [outcome] } : {}),
      ...(definition.kind === "value" ? { histograms: [definition.histogram], views: "all" as const } : {}),
    });
  const fine = await read(widthMs);
  // So far back only longer slices are kept; whole ones are asked for then.
  const { rows, stepMs } = fine.stepMs > widthMs ? await read(fine.stepMs) : fine;
  const everybody = rule.scope.family !== undefined;
  const groups = new Map<string, { labels: Labels; size: number; slices: Map<number, Sum> }>();
  for (const row of rows) {
    if (row.excluded && !everybody) continue;
    const labels = labelsOf(row.group);
    const group = getOrMake(groups, JSON.stringify(labels), () => ({ labels, size: 0, slices: new Map() }));
    group.size += row.count;
    addTo(getOrMake(group.slices, row.bucketStartMs, noSum), row, definition);
  }
  return [...groups.values()]
    .sort((a, b) => b.size - a.size)
    .slice(0, MOST_ALERTS)
    .map(({ labels, size, slices }) => ({
      labels,
      size,
      ...summing(slices, stepMs, widthMs),
    }));
}

const noSum = (): Sum => ({ k: 0, n: 0, values: null });

function addTo(sum: Sum, row: RollupRow, definition: MetricDefinition): void {
  if (definition.kind === "value") {
    const values = row[definition.histogram];
    if (!values) return;
    sum.values ??= new Histogram();
    sum.values.merge(values);
    sum.n += values.count;
    return;
  }
  const counts = addResult(noCounts(), row, row.count);
  if (definition.kind === "rate") {
    const { k, n } = definition.share(counts);
    sum.k += k;
    sum.n += n;
  } else if (definition.kind === "count") {
    sum.k += definition.count(counts);
    sum.n += allHandshakes(counts);
  }
}

/**
 * Sums of whole slices whose start lies within [fromMs, toMs), by differences of running totals. Where slices are longer than was asked
 * for, a window has its share of those that it touches, as if they were even.
 */
function summing(
  slices: ReadonlyMap<number, Sum>,
  stepMs: number,
  askedMs: number,
): Pick<Sliced, "over" | "last"> {
  const starts = [...slices.keys()].sort((a, b) => a - b);
  const sums = starts.map((t) => slices.get(t) ?? noSum());
  const [ks, ns] = [[0], [0]];
  for (const { k, n } of sums) {
    ks.push((ks.at(-1) ?? 0) + k);
    ns.push((ns.at(-1) ?? 0) + n);
  }
  const whole = (fromMs: number, toMs: number): Sum => {
    const [from, to] = [firstAtOrAfter(starts, fromMs), firstAtOrAfter(starts, toMs)];
    const total: Sum = {
      k: (ks[to] ?? 0) - (ks[from] ?? 0),
      n: (ns[to] ?? 0) - (ns[from] ?? 0),
      values: null,
    };
    for (const { values } of sums.slice(from, to)) {
      if (!values) continue;
      total.values ??= new Histogram();
      total.values.merge(values);
    }
    return total;
  };
  const over = (fromMs: number, toMs: number): Sum => {
    if (stepMs <= askedMs) return whole(fromMs, toMs);
    const [startMs, endMs] = [Math.floor(fromMs / stepMs) * stepMs, Math.ceil(toMs / stepMs) * stepMs];
    const sum = whole(startMs, endMs);
    const share = (toMs - fromMs) / (endMs - startMs);
    return { k: sum.k * share, n: sum.n * share, values: sum.values };
  };
  const last = (atMs: number): number | null => {
    const start = starts[firstAtOrAfter(starts, atMs) - 1];
    return start === undefined ? null : Math.min(atMs, start + stepMs);
  };
  return { over, last };
}

/** Index of the first of ascending numbers that is not below a value; their number where all are. */
function firstAtOrAfter(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

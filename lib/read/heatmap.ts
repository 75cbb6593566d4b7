import type { z } from "zod";
import type { HeatmapReply, heatmapParams } from "../contract/read.ts";
import type { ValueMetric } from "../domain/metrics.ts";
import { METRIC_DEFINITIONS } from "../domain/metrics.ts";
import { binUpper, Histogram } from "../stats/histogram.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import { parseFilters } from "./filters.ts";
import { alignWindow, parseWindow, stepsOf } from "./window.ts";

/** Columns when nobody says a step, and rows at most. */
const WANTED_COLUMNS = 96;
const MAX_BINS = 36;

/** Answers /api/heatmap: counts by step and value range. Throws ParameterProblem. */
export async function readHeatmap(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof heatmapParams>; readonly nowMs: number },
): Promise<HeatmapReply> {
  const { params, nowMs } = request;
  const window = parseWindow(params, nowMs, WANTED_COLUMNS);
  const filters = parseFilters(params);
  const { histogram: name, unit } = METRIC_DEFINITIONS[params.metric] as ValueMetric;
  const result = await store.readRollups(tenant, {
    ...window,
    filter: filters.segment,
    ...(filters.outcomes ? { outcomes: filters.outcomes } : {}),
    histograms: [name],
    views: "all",
  });
  const used = alignWindow({ ...window, stepMs: result.stepMs });
  const columns = new Map<number, Histogram>();
  for (const row of result.rows) {
    const histogram = row[name];
    if (!histogram || (row.excluded && !filters.segment.family)) continue;
    if (filters.mechanisms && !filters.mechanisms.has(row.mechanism)) continue;
    columns.set(row.bucketStartMs, (columns.get(row.bucketStartMs) ?? new Histogram()).merge(histogram));
  }
  const { first, width, count } = rangeOf([...columns.values()]);
  return {
    metric: params.metric,
    unit,
    ...used,
    bins: Array.from({ length: count }, (_, i) => ({
      from: binUpper(first + i * width - 1),
      to: binUpper(first + (i + 1) * width - 1),
    })),
    columns: stepsOf(used).map((t) => ({ t, ...column(columns.get(t), { first, width, count }) })),
  };
}

type Range = { readonly first: number; readonly width: number; readonly count: number };

/** Neighbouring bins are put together until few enough rows are left. */
function rangeOf(histograms: readonly Histogram[]): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { bins } of histograms)
    for (const bin of bins.keys()) {
      low = Math.min(low, bin);
      high = Math.max(high, bin);
    }
  if (!Number.isFinite(low)) return { first: 1, width: 1, count: 0 };
  const width = Math.max(1, Math.ceil((high - low + 1) / MAX_BINS));
  return { first: low, width, count: Math.ceil((high - low + 1) / width) };
}

function column(
  histogram: Histogram | undefined,
  { first, width, count }: Range,
): { counts: number[]; total: number } {
  const counts = Array.from({ length: count }, () => 0);
  for (const [bin, weight] of histogram?.bins ?? []) {
    const index = Math.floor((bin - first) / width);
    counts[index] = (counts[index] ?? 0) + weight;
  }
  return { counts, total: histogram?.count ?? 0 };
}

import type { Span } from "../../domain/spans.ts";
import { Histogram } from "../../stats/histogram.ts";
import { BUCKET_MS, type CellView, eachCell, histogramOf } from "../cell-block.ts";
import type { StepSum } from "../far-sums.ts";
import type { HistogramMetric } from "../port.ts";
import { HISTOGRAM_METRICS } from "../port.ts";

/** Sums of one step, group and result, as SQL answers them (histograms in hexadecimal digits). */
export type StepRow = readonly [
  stepIndex: number,
  code: number,
  resultId: number,
  count: number,
  lastBucketMs: number,
  ...histograms: (string | null)[],
];

/** What of the cells is summed, and where to. */
export type StepPlan = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly results: ReadonlySet<number>;
  /** The code of a segment; undefined for one that is not asked for. */
  readonly codes: ReadonlyMap<number, number>;
  readonly hidden: ReadonlyMap<number, readonly Span[]>;
  readonly histograms: readonly HistogramMetric[];
};

const RESULT_SLOTS = 4_096;

export function ofRow(row: StepRow): StepSum {
  const [stepIndex, code, resultId, count, lastBucketMs, ...histograms] = row;
  const decoded = histograms.map((hex) => (hex ? Histogram.decode(Buffer.from(hex, "hex")) : null));
  return { stepIndex, code, resultId, count, lastBucketMs, histograms: decoded };
}

/** Adds the cells of a block to the rows that SQL has summed. */
export function withCells(rows: readonly StepSum[], block: Uint8Array, plan: StepPlan): StepSum[] {
  const sums = new Map<number, Map<number, StepSum>>();
  for (const row of rows) ofStep(sums, row.stepIndex).set(row.code * RESULT_SLOTS + row.resultId, row);
  const wanted = HISTOGRAM_METRICS.flatMap((name, which) => (plan.histograms.includes(name) ? [which] : []));
  eachCell(block, (cell) => {
    const { bucketStartMs, segmentId, resultId } = cell;
    if (bucketStartMs < plan.fromMs || bucketStartMs >= plan.toMs || !plan.results.has(resultId)) return;
    const code = plan.codes.get(segmentId);
    if (code === undefined || isHidden(plan.hidden.get(segmentId), bucketStartMs)) return;
    const stepIndex = Math.floor(bucketStartMs / plan.stepMs);
    const step = ofStep(sums, stepIndex);
    const key = code * RESULT_SLOTS + resultId;
    let sum = step.get(key);
    if (!sum) {
      sum = { stepIndex, code, resultId, count: 0, lastBucketMs: 0, histograms: [null, null, null] };
      step.set(key, sum);
    }
    addCell(sum, cell, wanted);
  });
  return [...sums.values()].flatMap((step) => [...step.values()]);
}

function ofStep(sums: Map<number, Map<number, StepSum>>, stepIndex: number): Map<number, StepSum> {
  let step = sums.get(stepIndex);
  if (!step) {
    step = new Map();
    sums.set(stepIndex, step);
  }
  return step;
}

function addCell(sum: StepSum, cell: CellView, wanted: readonly number[]): void {
  sum.count += cell.count;
  if (cell.bucketStartMs > sum.lastBucketMs) sum.lastBucketMs = cell.bucketStartMs;
  for (const which of wanted) {
    const bytes = histogramOf(cell, which);
    if (bytes === null) continue;
    const held = sum.histograms[which] ?? new Histogram();
    sum.histograms[which] = held.mergeEncoded(bytes);
  }
}

/** A bucket that the other view saw in part is hidden whole: it may be counted too low, but never twice. */
function isHidden(spans: readonly Span[] | undefined, bucketStartMs: number): boolean {
  return (
    spans?.some(({ fromMs, toMs }) => bucketStartMs + BUCKET_MS > fromMs && bucketStartMs < toMs) ?? false
  );
}

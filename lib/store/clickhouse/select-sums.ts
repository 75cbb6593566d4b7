import type { Span } from "../../domain/spans.ts";
import { Histogram } from "../../stats/histogram.ts";
import type { StepSum, SumPart, SumQuery } from "../far-sums.ts";
import { HISTOGRAM_METRICS, type HistogramMetric } from "../port.ts";
import { BLOCK_TIER } from "./schema.ts";

/** Of rows that name a block, and of rows that belong to no group. */
const BLOCK_CODE = -2;
const NO_CODE = -1;

type Bins = readonly [bins: readonly number[], weights: readonly (string | number)[]];
type Whole = string | number;
export type SumRow = readonly [
  step: Whole,
  code: Whole,
  resultId: Whole,
  count: Whole,
  last: Whole,
  ...(Whole | Bins)[],
];

/**
 * One SELECT over one table, so that everything in its answer, the blocks too, is of the same parts: a reader never sees half of
 * what one statement inserted. Only whole numbers of ours stand in it.
 */
export function selectSums(table: string, query: SumQuery): string {
  const sums = query.histograms.map((name) => `, sum(${name}Sum), sumMap(${name}Map.bin, ${name}Map.weight)`);
  const { tenant, fromMs, toMs, stepMs, parts, results, sinceBlock } = query;
  const wanted = parts.map((part) => `(${whereOf(part, query)})`);
  const codes = parts.map((part) => `tier = ${part.tierId}, ${codeOf(part)}`);
  const window = `bucketStartMs >= ${whole(fromMs)} AND bucketStartMs < ${whole(toMs)} AND resultId IN (${list(results)})`;
  return `SELECT if(tier = ${BLOCK_TIER}, toUInt64(segmentId), intDiv(bucketStartMs, ${whole(stepMs)})) AS step,
      multiIf(tier = ${BLOCK_TIER}, toInt64(${BLOCK_CODE}), ${codes.join(", ")}, toInt64(${NO_CODE})) AS code,
      if(tier = ${BLOCK_TIER}, toUInt32(0), resultId) AS result, sum(count), max(bucketStartMs)${sums.join("")}
    FROM ${table}
    WHERE tenantId = ${whole(tenant)} AND (
      (tier = ${BLOCK_TIER} AND segmentId >= ${whole(sinceBlock)})
      OR (${window} AND (${wanted.join(" OR ")})))
    GROUP BY step, code, result HAVING code != ${NO_CODE}`;
}

/** The rows of the answer, and the blocks that it names. */
export function toSums(
  rows: readonly SumRow[],
  histograms: readonly HistogramMetric[],
): { rows: StepSum[]; blocks: ReadonlySet<number> } {
  const sums: StepSum[] = [];
  const blocks = new Set<number>();
  for (const [step, code, resultId, count, last, ...values] of rows) {
    if (Number(code) === BLOCK_CODE) blocks.add(Number(step));
    else
      sums.push({
        stepIndex: Number(step),
        code: Number(code),
        resultId: Number(resultId),
        count: Number(count),
        lastBucketMs: Number(last),
        histograms: HISTOGRAM_METRICS.map((name) => {
          const at = histograms.indexOf(name) * 2;
          return at < 0 ? null : histogramOf(values[at] as Whole, values[at + 1] as Bins);
        }),
      });
  }
  return { rows: sums, blocks };
}

function histogramOf(sum: Whole, [bins, weights]: Bins): Histogram | null {
  if (bins.length === 0) return null;
  const histogram = new Histogram();
  bins.forEach((bin, index) => {
    histogram.addBin(bin, Number(weights[index]));
  });
  histogram.sum = Number(sum);
  return histogram;
}

function whereOf(part: SumPart, { resolutionMs }: SumQuery): string {
  const keys = part.by === "endpoint" ? part.endpoints : [...part.codes.keys()];
  const places = part.by === "endpoint" ? [] : [`segmentId IN (${list(keys)})`];
  const classes = part.by === "endpoint" ? ["segmentId IN (0, 1)"] : [];
  const hidden = hiddenAlike(part.hidden).map(([segments, spans]) => {
    const within = spans.map(
      ({ fromMs, toMs }) =>
        `(bucketStartMs + ${resolutionMs} > ${whole(fromMs)} AND bucketStartMs < ${whole(toMs)})`,
    );
    return `NOT (segmentId IN (${list(segments)}) AND (${within.join(" OR ")}))`;
  });
  return [
    `tier = ${part.tierId}`,
    `endpointId IN (${list(part.endpoints)})`,
    ...places,
    ...classes,
    ...hidden,
  ].join(" AND ");
}

function codeOf({ by, codes }: SumPart): string {
  if (by === "class") return "toInt64(segmentId)";
  const column = by === "segment" ? "segmentId" : "endpointId";
  const code = `transform(toInt64(${column}), [${list([...codes.keys()])}], [${list([...codes.values()])}], toInt64(${NO_CODE}))`;
  // An endpoint's two classes lie side by side.
  return by === "segment" ? `toInt64(${code})` : `toInt64(${code}) + toInt64(segmentId)`;
}

/** Segments with the same spans together: those of a node and product. */
function hiddenAlike(hidden: SumPart["hidden"]): [segments: number[], spans: readonly Span[]][] {
  const alike = new Map<string, [number[], readonly Span[]]>();
  for (const [segment, spans] of hidden) {
    const key = spans.map(({ fromMs, toMs }) => `${fromMs}-${toMs}`).join();
    const entry = alike.get(key);
    if (entry) entry[0].push(segment);
    else alike.set(key, [[segment], spans]);
  }
  return [...alike.values()];
}

/** A list of whole numbers, never empty: no row has the number 4294967295. */
function list(numbers: readonly number[]): string {
  return numbers.length === 0 ? "4294967295" : numbers.map(whole).join(",");
}

/** A moment beyond what can be kept is as good as the end of it. */
function whole(value: number): string {
  return String(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.floor(value))));
}

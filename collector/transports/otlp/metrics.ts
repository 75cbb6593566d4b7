import type { MetricPoint } from "../../sources/metric-source.ts";

import {
  attributesOf,
  integerOf,
  listIn,
  messageIn,
  momentOf,
  type OtlpMessage,
} from "../../sources/otlp/values.ts";

/** AggregationTemporality. */
const DELTA = 1;
const CUMULATIVE = 2;
/** DataPointFlags: there is no value, the series has ended. */
const NO_RECORDED_VALUE = 1;

/** What a data point says, and why it cannot be counted where it cannot; null for a point that says nothing. */
export type Measured = { readonly point: MetricPoint; readonly problem: string | null };

/** One kind of data in a metric; histograms are counted as Prometheus does, by `<name>_count`. */
const KINDS = [
  { field: "gauge", suffix: "", value: (point: OtlpMessage) => numberOf(point) },
  { field: "sum", suffix: "", value: (point: OtlpMessage) => numberOf(point) },
  { field: "histogram", suffix: "_count", value: (point: OtlpMessage) => integerOf(point.count) ?? 0 },
  {
    field: "exponentialHistogram",
    suffix: "_count",
    value: (point: OtlpMessage) => integerOf(point.count) ?? 0,
  },
] as const;

/** Calls back for every data point of a metric. Throws NotOtlp where the JSON is no metric. */
export function eachPoint(metric: OtlpMessage, visit: (measured: Measured | null) => void): void {
  const name = typeof metric.name === "string" ? metric.name : "";
  for (const { field, suffix, value } of KINDS) {
    if (metric[field] === undefined) continue;
    const data = messageIn(metric, field);
    const kind = field === "gauge" || (field === "sum" && data.isMonotonic !== true) ? "gauge" : "counter";
    for (const point of listIn(data, "dataPoints"))
      visit(
        measure(point, { name: `${name}${suffix}`, kind, value, temporality: data.aggregationTemporality }),
      );
  }
}

type Of = {
  readonly name: string;
  readonly kind: "gauge" | "counter";
  readonly temporality: unknown;
  readonly value: (point: OtlpMessage) => number;
};

function measure(point: OtlpMessage, { name, kind, temporality, value }: Of): Measured | null {
  if ((Number(point.flags ?? 0) & NO_RECORDED_VALUE) !== 0) return null;
  // Changes of what may go up and down say nothing without where it stood.
  if (kind === "gauge" && temporality === DELTA) return null;
  const atMs = momentOf(point.timeUnixNano);
  const isKnown = kind === "gauge" || temporality === DELTA || temporality === CUMULATIVE;
  return {
    problem: isKnown
      ? atMs === null
        ? "time_unix_nano is missing"
        : null
      : "aggregation_temporality is neither delta nor cumulative",
    point: {
      name,
      labels: labelsOf(point),
      value: value(point),
      atMs: atMs ?? 0,
      kind: temporality === DELTA ? "increase" : "total",
      // Of a delta it is where its interval begins, which says nothing of when the process did.
      startedMs: kind === "gauge" || temporality === DELTA ? null : momentOf(point.startTimeUnixNano),
    },
  };
}

/** The value of a number point; NaN where it has none. */
function numberOf(point: OtlpMessage): number {
  if (point.asInt !== undefined) return integerOf(point.asInt) ?? Number.NaN;
  return typeof point.asDouble === "number" ? point.asDouble : Number.NaN;
}

function labelsOf(point: OtlpMessage): Record<string, string> {
  return Object.fromEntries([...attributesOf(point)].map(([key, value]) => [key, String(value)]));
}

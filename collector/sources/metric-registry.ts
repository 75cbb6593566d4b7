import type { MetricSource } from "./metric-source.ts";

/** Every source of counters, in the order in which the console and the docs show them. */
export const METRIC_SOURCES: readonly MetricSource[] = [];

/** A source of counters by its name; undefined for an unknown one. */
export function findMetricSource(name: string): MetricSource | undefined {
  return METRIC_SOURCES.find((source) => source.name === name);
}

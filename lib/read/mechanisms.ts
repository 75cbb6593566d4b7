/**
 * What a mechanism means in each metric, so that `by=mechanism` and `mechanism=` say the same. A full handshake has no
 * mechanism, but where the source sees offers it has what was offered, and a rate needs those in its denominator.
 */
import type { Metric } from "../contract/read.ts";
import { METRIC_DEFINITIONS } from "../domain/metrics.ts";
import type { RollupRow } from "../store/port.ts";

/** Rates of which each mechanism has its share of one common denominator, so that the shares add up to the rate. */
const SHARED: readonly Metric[] = ["resume_rate", "offer_rate"];

/** Whether the mechanisms of a metric have one denominator together. */
export function isShared(metric: Metric): boolean {
  return SHARED.includes(metric);
}

/** The mechanism under which a row counts: how it resumed; in rates of offers also what was offered in vain. */
export function mechanismOf(metric: Metric, row: RollupRow): string | null {
  if (row.mechanism !== null || METRIC_DEFINITIONS[metric].kind !== "rate" || metric === "resume_rate")
    return row.mechanism;
  return row.offer === "none" ? null : row.offer;
}

/** Rows as they count for a metric when only some mechanisms are asked for; all rows where none are. */
export function ofMechanisms(
  metric: Metric,
  rows: readonly RollupRow[],
  wanted: ReadonlySet<string | null> | undefined,
): readonly RollupRow[] {
  if (!wanted) return rows;
  if (!isShared(metric)) return rows.filter((row) => wanted.has(mechanismOf(metric, row)));
  return rows.map((row) => (wanted.has(mechanismOf(metric, row)) ? row : denominatorOnly(metric, row)));
}

/** The row as one that did not resume, or did not offer, but is counted. */
export function denominatorOnly(metric: Metric, row: RollupRow): RollupRow {
  if (row.outcome === "failed" || row.outcome === null) return row;
  if (metric === "offer_rate") return { ...row, offer: row.offer === null ? null : "none" };
  return { ...row, outcome: "full", mechanism: null };
}

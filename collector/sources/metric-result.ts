/** Building blocks of sources of counters: what they make of numbers, with everything else unknown. */
import type { CacheSample, Result } from "../../lib/domain/handshake.ts";
import type { Outcome } from "../../lib/domain/vocabulary.ts";
import { type Fields, numberOf } from "./fields.ts";
import type { Counted, Meaning, Observation, ReadAt } from "./metric-source.ts";

const UNKNOWN_RESULT = {
  offer: null,
  mechanism: null,
  reason: null,
  earlyData: null,
  earlyDataReason: null,
} as const satisfies Omit<Result, "outcome">;

/** So many handshakes of an outcome (null: completed, and no more is known), or none at all for a count of 0. */
export function counted(
  outcome: Outcome | null,
  count: number,
  known: Partial<Omit<Result, "outcome">> = {},
): Counted[] {
  return count > 0 ? [{ ...UNKNOWN_RESULT, ...known, outcome, count }] : [];
}

/**
 * Completed handshakes of which some resumed, counted at the same moment. More resumed than completed cannot be: it is
 * told as a breach, and what was not completed is not counted.
 */
export function completedWithResumed(of: {
  readonly completed: number;
  readonly resumed: number;
  readonly failed: number;
}): Meaning {
  const resumed = Math.min(of.resumed, of.completed);
  const detail = `${of.resumed} resumed, but ${of.completed} completed`;
  return {
    handshakes: [
      ...counted("full", of.completed - resumed),
      ...counted("resumed", resumed),
      ...counted("failed", of.failed),
    ],
    breaches: of.resumed > of.completed ? [{ invariant: "resumed_within_completed", detail }] : [],
  };
}

/** The numbers among fields that have one of these names. */
export function pickNumbers(fields: Fields, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = numberOf(fields[name]);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** The totals and gauges of a body of which the whole is one scope. */
export function observationAt(
  at: ReadAt,
  scope: string,
  told: Pick<Observation, "totals"> & Partial<Observation>,
): Observation {
  const { atMs, endpoint, node, region } = at;
  const place = { atMs, endpoint, node, region, protocol: null, startedMs: null };
  return { scope, ...place, increases: {}, gauges: {}, ...told };
}

type CacheFigures = Omit<CacheSample, "atMs" | "endpoint" | "node" | "cache">;

/** A reading of the cache with this name; figures that are not given are unknown. */
export function cacheSample(
  { atMs, endpoint, node }: Observation,
  cache: string,
  figures: Partial<CacheFigures>,
): CacheSample {
  const unknown = { hits: null, misses: null, inserts: null, evictions: null, entries: null };
  return { atMs, endpoint, node, cache, ...unknown, capacity: null, timeoutS: null, ...figures };
}

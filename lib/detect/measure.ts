import { BLOCK_MS, type Group, RECENT_MS, type Sums } from "./group.ts";
import { HOUR_MS } from "./time.ts";

/** What a stream did beyond expectation in a time, over some groups that do not overlap. */
export type Excess = {
  readonly seen: number;
  /** Expected, with what went before the onset taken as usual. */
  readonly expected: number;
  readonly trials: number;
  /** (seen - expected) / trials. */
  readonly size: number;
  /** (seen - expected) / expected; 0 where nothing was expected. */
  readonly relative: number;
  /** Standard error of `size`, sampling only. */
  readonly error: number;
};

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });

/** Sums of groups over [fromMs, toMs): from buckets while they are kept, from quarter-hours beyond. */
export function sumOver(
  groups: readonly Group[],
  s: number,
  span: { fromMs: number; toMs: number; nowMs: number },
): Sums {
  const total = empty();
  const one = empty();
  for (const group of groups) {
    const recent = span.fromMs >= span.nowMs - RECENT_MS;
    (recent ? group.buckets : group.blocks).sum(s, span.fromMs, span.toMs, one);
    total.seen += one.seen;
    total.expected += one.expected;
    total.trials += one.trials;
    total.variance += one.variance;
  }
  return total;
}

/** The excess since an onset. `lasting`: what the groups had beyond expectation in the two hours before counts as usual. */
export function excessSince(
  groups: readonly Group[],
  s: number,
  span: {
    readonly onsetMs: number;
    readonly fromMs: number;
    readonly toMs: number;
    readonly nowMs: number;
    readonly lasting: boolean;
  },
): Excess {
  const sums = sumOver(groups, s, span);
  let before = 0;
  if (span.lasting) {
    const quiet = empty();
    const one = empty();
    const endMs = Math.floor(span.onsetMs / BLOCK_MS) * BLOCK_MS;
    for (const group of groups) {
      group.blocks.sum(s, endMs - 2 * HOUR_MS, endMs, one);
      quiet.seen += one.seen;
      quiet.expected += one.expected;
      quiet.trials += one.trials;
    }
    // A short past says little: as if an hour of nothing unusual stood beside it.
    if (quiet.trials > 0) before = (quiet.seen - quiet.expected) / (quiet.trials * 1.25);
  }
  const expected = Math.max(0, sums.expected + before * sums.trials);
  const size = sums.trials > 0 ? (sums.seen - expected) / sums.trials : 0;
  return {
    seen: sums.seen,
    expected,
    trials: sums.trials,
    size,
    relative: expected > 0 ? (sums.seen - expected) / expected : 0,
    error: sums.trials > 0 ? Math.sqrt(sums.variance) / sums.trials : 0,
  };
}

/** Whether a recovery goes as predicted. */
import { rateOf } from "../domain/rates.ts";
import { sumShares } from "../stats/decompose.ts";
import { wilson } from "../stats/interval.ts";
import { erfc } from "../stats/normal.ts";
import {
  type Course,
  meanOf,
  predictions,
  type RecoveryInput,
  type RecoveryStep,
  type Test,
  varianceOf,
} from "./recovery-courses.ts";
import type { AgeModel } from "./ticket-age.ts";

export type Verdict = "too_early" | "as_predicted" | "faster" | "not_recovering" | "recovered";
/** The part of the loss that has to be back before it counts as over. */
export const BACK = 0.9;
/** Fewer handshakes are not judged. */
const LEAST_TESTED = 50;
/** Chance of calling a recovery that goes as predicted something else, on each side. */
const ALPHA = 0.001;
/** z of that chance. */
const Z_ALPHA = 3.09;
export type Judging = {
  readonly courses: readonly Course[];
  readonly model: AgeModel;
  readonly spread: number;
  readonly input: RecoveryInput;
  readonly r0: number;
  readonly fitted: readonly RecoveryStep[];
  readonly test: Test;
};

/**
 * The posterior predictive test: how likely, over all courses, are as few (or as many) resumptions as were seen in the tested
 * steps? Below ALPHA it does not go as predicted. It is too early while nothing has come back yet that could not be chance, and
 * a standstill would not be told from the prediction.
 */
export function judge(judging: Judging): Verdict {
  const { courses, model, input, test } = judging;
  if (test.seen.n < LEAST_TESTED) return "too_early";
  if (hasRecovered(judging)) return "recovered";
  const expected = predictions(courses, model, { input, test });
  const below = (rate: number): number => chanceOfLess(rate, expected, judging);
  const seen = test.seen.k / test.seen.n;
  if (1 - below(seen) < ALPHA) return "faster";
  if (below(seen) < ALPHA) return "not_recovering";
  const standstill = rateOf(sumShares(judging.fitted)) ?? seen;
  return hasRisen(judging) || below(standstill) < ALPHA ? "as_predicted" : "too_early";
}

/** The chance, over all courses, of seeing at most this rate in the tested steps. */
function chanceOfLess(
  rate: number,
  expected: readonly number[],
  { courses, spread, r0, test }: Judging,
): number {
  return courses.reduce((sum, { weight }, i) => {
    const predicted = expected[i] ?? 0;
    const z = (predicted - rate) / Math.sqrt(varianceOf(predicted, test.seen.n, { spread, r0 }));
    return sum + (weight * erfc(z / Math.SQRT2)) / 2;
  }, 0);
}

/** Whether the tested steps lie above the first one by more than chance. */
function hasRisen({ fitted, spread, r0, test }: Judging): boolean {
  const [first, last] = [fitted[0], test.seen];
  if (!first || first.n === 0) return false;
  const noise = Math.sqrt(
    varianceOf(first.k / first.n, first.n, { spread, r0 }) +
      varianceOf(last.k / last.n, last.n, { spread, r0 }),
  );
  return last.k / last.n - first.k / first.n > Z_ALPHA * noise;
}

/** Nine tenths of the deepest loss are back, with enough handshakes to say so. */
function hasRecovered({ courses, spread, input, r0, test }: Judging): boolean {
  const { k, n } = test.seen;
  const rates = input.after.filter((step) => step.n >= LEAST_TESTED).map((step) => step.k / step.n);
  const floor = meanOf(
    courses,
    courses.map((course) => course.floor),
  );
  const loss = r0 - Math.min(floor, ...rates);
  const interval = wilson(k / spread, n / spread);
  return k / n >= r0 - (1 - BACK) * loss && interval !== null && interval.low >= r0 - 0.3 * loss;
}

/**
 * When an invalidation will be over: R(t0+u) = floor + (R0 - floor) F_age(u) after all affected tickets died at t0 (DOMAIN
 * 4.0, Law 2; `floor` is what goes on resuming), and whether what happens follows it.
 */
import { rateOf, type Share } from "../domain/rates.ts";
import { inShare, inUtc, inWhole } from "../domain/words.ts";
import { inverseOf, weightedQuantile } from "../stats/cumulative.ts";
import { sumShares } from "../stats/decompose.ts";
import type { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import { erfc } from "../stats/normal.ts";
import { overdispersion } from "../stats/overdispersion.ts";
import { type AgeModel, ageModel, OLDEST_S } from "./ticket-age.ts";

/** Handshakes of one step; `atMs` is its start. */
export type RecoveryStep = Share & { readonly atMs: number };
export type RecoveryInput = {
  readonly onsetMs: number;
  readonly stepMs: number;
  /** Steps before the onset: R0 and how much it varies. */
  readonly before: readonly Share[];
  /** Whole steps from the onset on, without gaps' steps. */
  readonly after: readonly RecoveryStep[];
  /** Ages in seconds of tickets that resumed in the hours before the onset; null where none are known. */
  readonly ages: Histogram | null;
};
export type Verdict = "too_early" | "as_predicted" | "faster" | "not_recovering" | "recovered";
export type PredictedPoint = {
  readonly t: number;
  readonly low: number;
  readonly value: number;
  readonly high: number;
};
export type RecoveryForecast = {
  readonly basis: AgeModel["basis"];
  readonly predicted: readonly PredictedPoint[];
  /** When 90 % of the loss is back; null where that is not predicted within a week. */
  readonly eta: { readonly atMs: number; readonly lowMs: number; readonly highMs: number } | null;
  readonly verdict: Verdict;
  readonly sentence: string;
};

/** Chance of calling a recovery that goes as predicted something else, on each side. */
const ALPHA = 0.001;
/** z of that chance. */
const Z_ALPHA = 3.09;
/** Predictions are no better than this part of R0, however many handshakes there are. */
const MODEL_ERROR = 0.03;
/** Errors of neighbouring steps are alike, so that many steps say no more than this many (DOMAIN 5.6, effective sample). */
const INDEPENDENT_STEPS = 10;
const FLOORS = Array.from({ length: 20 }, (_, i) => i / 20);
/** Three-point Gauss-Hermite rule: R0 within its own uncertainty. */
const LEVELS = [
  { z: -Math.sqrt(3), weight: 1 / 6 },
  { z: 0, weight: 2 / 3 },
  { z: Math.sqrt(3), weight: 1 / 6 },
];
const BACK = 0.9;
const MOST_POINTS = 60;
const LEAST_TESTED = 50;

/** One way it may go: R0, floor and F_age at given times after the onset. */
type Course = { readonly r0: number; readonly floor: number; readonly ages: number; weight: number };
type Test = { readonly at: readonly RecoveryStep[]; readonly seen: Share };

/**
 * Predicts the recovery and judges it. What is not known (floor, scale of the ages, or the whole F_age) is fitted to the first
 * third of the steps; the last third is the test, so nothing is tested on what it was fitted to. Null where nothing is
 * known of before or after.
 */
export function forecastRecovery(input: RecoveryInput): RecoveryForecast | null {
  const before = sumShares(input.before);
  const r0 = rateOf(before);
  if (r0 === null || r0 <= 0 || sumShares(input.after).n === 0) return null;
  const model = ageModel(input.ages);
  const spread = overdispersion(input.before);
  const third = Math.max(1, Math.floor(input.after.length / 3));
  const fitted = input.after.slice(0, third);
  const courses = fit({ model, before, spread, fitted, input });
  const tested = input.after.slice(-third);
  const test = { at: tested, seen: sumShares(tested) };
  const verdict =
    input.after.length < 2 ? "too_early" : judge({ courses, model, spread, input, r0, fitted, test });
  const eta = etaOf(courses, model, input.onsetMs);
  return {
    basis: model.basis,
    predicted: curve(courses, model, { input, untilMs: eta?.highMs ?? 0 }),
    eta,
    verdict,
    sentence: sentenceOf({
      model,
      eta,
      verdict,
      seen: test.seen,
      predicted: pooled(courses, model, { input, test }),
      onsetMs: input.onsetMs,
    }),
  };
}

type Fit = {
  readonly model: AgeModel;
  readonly before: Share;
  readonly spread: number;
  readonly fitted: readonly RecoveryStep[];
  readonly input: RecoveryInput;
};

function fit({ model, before, spread, fitted, input }: Fit): Course[] {
  const mean = before.k / before.n;
  const error = Math.sqrt((mean * (1 - mean) * spread) / before.n);
  const younger = youngerAt(model, fitted, input);
  const worth = Math.min(1, INDEPENDENT_STEPS / fitted.length);
  const courses: (Course & { log: number })[] = [];
  for (const level of LEVELS)
    for (const part of FLOORS)
      for (const [ages, hypothesis] of model.hypotheses.entries()) {
        const r0 = Math.min(1, Math.max(0, mean + level.z * error));
        const floor = part * r0;
        let log = Math.log(level.weight * hypothesis.weight);
        for (const [i, step] of fitted.entries()) {
          if (step.n === 0) continue;
          const expected = floor + (r0 - floor) * (younger[ages]?.[i] ?? 0);
          const variance = varianceOf(expected, step.n, { spread, r0 });
          log -= worth * ((step.k / step.n - expected) ** 2 / (2 * variance) + Math.log(variance) / 2);
        }
        courses.push({ r0, floor, ages, weight: 0, log });
      }
  const most = Math.max(...courses.map(({ log }) => log));
  const total = courses.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  return courses.map(({ log, ...course }) => ({ ...course, weight: Math.exp(log - most) / total }));
}

/** Of a rate seen in n handshakes: sampling with its over-dispersion, and what the model cannot know. */
function varianceOf(rate: number, n: number, { spread, r0 }: { spread: number; r0: number }): number {
  // A rate of 0 or 1 still has the variance of one handshake more or less.
  const p = Math.min(1 - 0.5 / n, Math.max(0.5 / n, rate));
  return (spread * p * (1 - p)) / n + (MODEL_ERROR * r0) ** 2;
}

/** F_age of each hypothesis, averaged over each step. */
function youngerAt(model: AgeModel, steps: readonly RecoveryStep[], input: RecoveryInput): number[][] {
  const within = [0.1, 0.3, 0.5, 0.7, 0.9];
  return model.hypotheses.map(({ shareYounger }) =>
    steps.map(({ atMs }) => {
      const ageOf = (part: number): number => (atMs + part * input.stepMs - input.onsetMs) / 1_000;
      return within.reduce((sum, part) => sum + shareYounger(ageOf(part)), 0) / within.length;
    }),
  );
}

/** The rate that each course predicts for all tested steps together. */
function predictions(
  courses: readonly Course[],
  model: AgeModel,
  { input, test }: { input: RecoveryInput; test: Test },
): number[] {
  const younger = youngerAt(model, test.at, input).map(
    (shares) => shares.reduce((sum, share, i) => sum + share * (test.at[i]?.n ?? 0), 0) / test.seen.n,
  );
  return courses.map(({ r0, floor, ages }) => floor + (r0 - floor) * (younger[ages] ?? 0));
}

function pooled(
  courses: readonly Course[],
  model: AgeModel,
  at: { input: RecoveryInput; test: Test },
): number | null {
  if (at.test.seen.n === 0) return null;
  return mean(courses, predictions(courses, model, at));
}

const mean = (courses: readonly Course[], values: readonly number[]): number =>
  courses.reduce((sum, { weight }, i) => sum + weight * (values[i] ?? 0), 0);

type Judging = {
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
function judge(judging: Judging): Verdict {
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
    const mean = expected[i] ?? 0;
    const z = (mean - rate) / Math.sqrt(varianceOf(mean, test.seen.n, { spread, r0 }));
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
  const floor = mean(
    courses,
    courses.map((course) => course.floor),
  );
  const loss = r0 - Math.min(floor, ...rates);
  const interval = wilson(k / spread, n / spread);
  return k / n >= r0 - (1 - BACK) * loss && interval !== null && interval.low >= r0 - 0.3 * loss;
}

function etaOf(courses: readonly Course[], model: AgeModel, onsetMs: number): RecoveryForecast["eta"] {
  const lengths = model.hypotheses.map(({ shareYounger }) => inverseOf(shareYounger, BACK, OLDEST_S));
  const values = courses.map(({ ages, weight }) => ({ value: lengths[ages] ?? OLDEST_S, weight }));
  const [low, middle, high] = [0.025, 0.5, 0.975].map((q) => weightedQuantile(values, q) ?? Number.NaN);
  if (low === undefined || middle === undefined || high === undefined || !Number.isFinite(middle))
    return null;
  const at = (lengthS: number): number => Math.round(onsetMs + Math.min(lengthS, OLDEST_S) * 1_000);
  return { atMs: at(middle), lowMs: at(low), highMs: at(high) };
}

/** The predicted course with its 95 % band, from the onset to the later of now and the end of the ETA's interval. */
function curve(
  courses: readonly Course[],
  model: AgeModel,
  { input, untilMs }: { input: RecoveryInput; untilMs: number },
): PredictedPoint[] {
  const lastMs = (input.after.at(-1)?.atMs ?? input.onsetMs) + input.stepMs;
  const spanMs = Math.max(lastMs, untilMs) - input.onsetMs;
  const stepMs = Math.max(1, Math.ceil(spanMs / MOST_POINTS / input.stepMs)) * input.stepMs;
  // Courses that together make up less than a thousandth move neither mean nor band.
  const likely = courses.filter(({ weight }) => weight > 1e-6);
  return Array.from({ length: Math.floor(spanMs / stepMs) + 1 }, (_, i) => {
    const younger = model.hypotheses.map(({ shareYounger }) => shareYounger((i * stepMs) / 1_000));
    const values = likely.map(({ r0, floor, ages, weight }) => ({
      value: floor + (r0 - floor) * (younger[ages] ?? 0),
      weight,
    }));
    return {
      t: input.onsetMs + i * stepMs,
      low: weightedQuantile(values, 0.025) ?? 0,
      value: mean(
        likely,
        values.map(({ value }) => value),
      ),
      high: weightedQuantile(values, 0.975) ?? 0,
    };
  });
}

type Said = {
  readonly model: AgeModel;
  readonly eta: RecoveryForecast["eta"];
  readonly verdict: Verdict;
  readonly seen: Share;
  readonly predicted: number | null;
  readonly onsetMs: number;
};

function sentenceOf({ model, eta, verdict, seen, predicted, onsetMs }: Said): string {
  const basis =
    model.basis === "measured"
      ? `By the ages of ${inWhole(model.count)} tickets that resumed before it`
      : "Estimated, since ticket ages are not known here";
  const when = eta
    ? `90 % of the loss should be back by ${inUtc(eta.atMs, onsetMs)} (${inUtc(eta.lowMs, onsetMs)} to ${inUtc(eta.highMs, onsetMs)})`
    : "90 % of the loss will not be back within a week";
  const figures = `${inShare(seen)}${predicted === null ? "" : `, predicted ${(predicted * 100).toFixed(1)} %`}`;
  const now = {
    too_early: "It is too early to say whether it goes so.",
    as_predicted: `So far it goes so: ${figures}.`,
    faster: `It recovers faster: ${figures}. Only a part of the tickets died.`,
    not_recovering: `It is not recovering as predicted: ${figures}. The fault persists, or this is no invalidation.`,
    recovered: `It has recovered: ${figures}.`,
  }[verdict];
  return `${basis}, ${when}. ${now}`;
}

/** The ways a recovery may go, weighed by what was seen of it (DOMAIN 4.0, Law 2). */
import type { Share } from "../domain/rates.ts";
import { sumShares } from "../stats/decompose.ts";
import type { Histogram } from "../stats/histogram.ts";
import type { AgeModel } from "./ticket-age.ts";

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
/** Predictions are no better than this part of R0, however many handshakes there are. */
const MODEL_ERROR = 0.03;
/** Errors of neighbouring steps are alike: they are pooled into at most so many blocks (DOMAIN 5.6, effective sample). */
const MOST_BLOCKS = 10;
const FLOORS = Array.from({ length: 20 }, (_, i) => i / 20);
/** Three-point Gauss-Hermite rule: R0 within its own uncertainty. */
const LEVELS = [
  { z: -Math.sqrt(3), weight: 1 / 6 },
  { z: 0, weight: 2 / 3 },
  { z: Math.sqrt(3), weight: 1 / 6 },
];

/** One way it may go: R0, floor and which F_age, and how much it is believed. Weights of all add up to 1. */
export type Course = {
  readonly r0: number;
  readonly floor: number;
  /** Position of its hypothesis in the model of ages. */
  readonly ages: number;
  readonly weight: number;
};
/** Steps that a prediction is tested on. */
export type Test = { readonly at: readonly RecoveryStep[]; readonly seen: Share };

type Weighing = {
  readonly model: AgeModel;
  readonly before: Share;
  readonly spread: number;
  readonly fitted: readonly RecoveryStep[];
  readonly input: RecoveryInput;
};

/** Every way it may go, weighed by the steps that are given to fit to (Bayes; errors taken as normal). */
export function weigh({ model, before, spread, fitted, input }: Weighing): Course[] {
  const mean = before.k / before.n;
  const error = Math.sqrt((mean * (1 - mean) * spread) / before.n);
  const blocks = blocksOf(fitted.filter(({ n }) => n > 0));
  const seen = blocks.map((steps) => sumShares(steps));
  const younger = pooledYounger(model, blocks, input);
  const courses: (Omit<Course, "weight"> & { log: number })[] = [];
  for (const level of LEVELS)
    for (const part of FLOORS)
      for (const [ages, hypothesis] of model.hypotheses.entries()) {
        const r0 = Math.min(1, Math.max(0, mean + level.z * error));
        const floor = part * r0;
        let log = Math.log(level.weight * hypothesis.weight);
        for (const [i, { k, n }] of seen.entries()) {
          const expected = floor + (r0 - floor) * (younger[ages]?.[i] ?? 0);
          const variance = varianceOf(expected, n, { spread, r0 });
          log -= (k / n - expected) ** 2 / (2 * variance) + Math.log(variance) / 2;
        }
        courses.push({ r0, floor, ages, log });
      }
  const most = Math.max(...courses.map(({ log }) => log));
  const total = courses.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  return courses.map(({ log, ...course }) => ({ ...course, weight: Math.exp(log - most) / total }));
}

/** Of a rate seen in n handshakes: sampling with its over-dispersion, and what the model cannot know. */
export function varianceOf(rate: number, n: number, { spread, r0 }: { spread: number; r0: number }): number {
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

/** Neighbouring steps together. */
function blocksOf(steps: readonly RecoveryStep[]): RecoveryStep[][] {
  const size = Math.max(1, Math.ceil(steps.length / MOST_BLOCKS));
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, i) =>
    steps.slice(i * size, (i + 1) * size),
  );
}

/** F_age of each hypothesis over each block, by the handshakes of its steps. */
function pooledYounger(
  model: AgeModel,
  blocks: readonly (readonly RecoveryStep[])[],
  input: RecoveryInput,
): number[][] {
  const byBlock = blocks.map((steps) => {
    const { n } = sumShares(steps);
    return youngerAt(model, steps, input).map((shares) =>
      shares.reduce((sum, share, i) => sum + (share * (steps[i]?.n ?? 0)) / n, 0),
    );
  });
  return model.hypotheses.map((_, ages) => byBlock.map((shares) => shares[ages] ?? 0));
}

/** The rate that each course predicts for all tested steps together. */
export function predictions(
  courses: readonly Course[],
  model: AgeModel,
  { input, test }: { input: RecoveryInput; test: Test },
): number[] {
  const younger = pooledYounger(model, [test.at], input);
  return courses.map(({ r0, floor, ages }) => floor + (r0 - floor) * (younger[ages]?.[0] ?? 0));
}

/** Of one value for each course, the mean by their weights. */
export function meanOf(courses: readonly Course[], values: readonly number[]): number {
  return courses.reduce((sum, { weight }, i) => sum + weight * (values[i] ?? 0), 0);
}

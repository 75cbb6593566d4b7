/**
 * When an invalidation will be over: R(t0+u) = floor + (R0 - floor) F_age(u) after all affected tickets died at t0 (DOMAIN
 * 4.0, Law 2; `floor` is what goes on resuming), and whether what happens follows it.
 */
import { rateOf, type Share } from "../domain/rates.ts";
import { inShare, inUtc, inWhole } from "../domain/words.ts";
import { inverseOf, weightedQuantiles } from "../stats/cumulative.ts";
import { sumShares } from "../stats/decompose.ts";
import { overdispersion } from "../stats/overdispersion.ts";
import {
  type Course,
  meanOf,
  predictions,
  type RecoveryInput,
  type Test,
  weigh,
} from "./recovery-courses.ts";
import { BACK, judge, type Verdict } from "./recovery-verdict.ts";
import { type AgeModel, ageModel, OLDEST_S } from "./ticket-age.ts";

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

const MOST_POINTS = 60;
/** Ways it may go that are drawn to make the band of. */
const DRAWN = 500;

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
  const courses = weigh({ model, before, spread, fitted, input });
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

function pooled(
  courses: readonly Course[],
  model: AgeModel,
  at: { input: RecoveryInput; test: Test },
): number | null {
  if (at.test.seen.n === 0) return null;
  return meanOf(courses, predictions(courses, model, at));
}

function etaOf(courses: readonly Course[], model: AgeModel, onsetMs: number): RecoveryForecast["eta"] {
  const lengths = model.hypotheses.map(({ shareYounger }) => inverseOf(shareYounger, BACK, OLDEST_S));
  const values = courses.map(({ ages, weight }) => ({ value: lengths[ages] ?? OLDEST_S, weight }));
  const [low, middle, high] = weightedQuantiles(values, [0.025, 0.5, 0.975]);
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
  const likely = drawn(courses, DRAWN);
  return Array.from({ length: Math.floor(spanMs / stepMs) + 1 }, (_, i) => {
    const younger = model.hypotheses.map(({ shareYounger }) => shareYounger((i * stepMs) / 1_000));
    const values = likely.map(({ r0, floor, ages, weight }) => ({
      value: floor + (r0 - floor) * (younger[ages] ?? 0),
      weight,
    }));
    const [low = 0, high = 0] = weightedQuantiles(values, [0.025, 0.975]);
    return {
      t: input.onsetMs + i * stepMs,
      low,
      value: meanOf(
        likely,
        values.map(({ value }) => value),
      ),
      high,
    };
  });
}

/** `count` of the courses, each as often as it is believed (systematic resampling, Kitagawa 1996), all with the same weight. */
function drawn(courses: readonly Course[], count: number): Course[] {
  const list: Course[] = [];
  let reached = 0;
  for (const course of courses) {
    reached += course.weight;
    while (list.length < count && (list.length + 0.5) / count <= reached)
      list.push({ ...course, weight: 1 / count });
  }
  return list;
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

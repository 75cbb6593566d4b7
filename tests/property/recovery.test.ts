import { expect, it } from "vitest";
import { forecastRecovery } from "../../lib/detect/recovery.ts";
import { logNormalAges } from "../../lib/detect/ticket-age.ts";
import { inverseOf } from "../../lib/stats/cumulative.ts";
import { Histogram } from "../../lib/stats/histogram.ts";

const ONSET = Date.UTC(2026, 10, 24, 14, 2);
const WEEK_S = 604_800;

/** The same dice each time (Park and Miller 1988). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  even(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state / 2_147_483_647;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.even())) * Math.cos(2 * Math.PI * this.even());
  }
  /** Successes in n trials, as normal. */
  count(n: number, p: number): number {
    const drawn = Math.round(n * p + Math.sqrt(n * Math.max(0, p * (1 - p))) * this.normal());
    return Math.max(0, Math.min(n, drawn));
  }
}

/** Ages of 10,000 tickets. */
function histogramOf(younger: (ageS: number) => number): Histogram {
  const histogram = new Histogram();
  for (let ageS = 1; ageS < WEEK_S; ageS = Math.ceil(ageS * 1.02)) {
    const weight = Math.round(10_000 * (younger(ageS) - younger(Math.min(ageS - 1, ageS / 1.02))));
    if (weight > 0) histogram.add(ageS, weight);
  }
  return histogram;
}

type Case = { readonly minutes: number; readonly measured: boolean; readonly stuck: boolean };

/**
 * One invalidation: median ages around 10 minutes, a spread of 1 to 2.5, ages measured 10 % off, a floor of up to half of R0,
 * 100 to 2,100 handshakes a minute, and a rate that wanders by itself.
 */
function invalidation(dice: Dice, { minutes, measured, stuck }: Case) {
  const [medianS, sigma] = [600 * Math.exp(0.8 * dice.normal()), 1 + 1.5 * dice.even()];
  const younger = logNormalAges(medianS, sigma);
  const told = logNormalAges(medianS * Math.exp(0.1 * dice.normal()), sigma);
  const [n, r0] = [100 + Math.round(2_000 * dice.even()), 0.4 + 0.4 * dice.even()];
  const floor = 0.5 * dice.even() * r0;
  let wander = 0;
  const forecast = forecastRecovery({
    onsetMs: ONSET,
    stepMs: 60_000,
    before: Array.from({ length: 60 }, () => ({ k: dice.count(n, r0 + 0.01 * dice.normal()), n })),
    after: Array.from({ length: minutes }, (_, i) => {
      wander = 0.9 * wander + 0.004 * dice.normal();
      const rate = stuck ? floor : floor + (r0 - floor) * younger(60 * i + 30);
      return { atMs: ONSET + i * 60_000, k: dice.count(n, Math.max(0, rate + wander)), n };
    }),
    ages: measured ? histogramOf(told) : null,
  });
  return { forecast, trueMs: ONSET + 1_000 * inverseOf(younger, 0.9, WEEK_S) };
}

/** Estimates cost more, so that there are fewer. */
const CASES = { measured: 60, estimated: 24 } as const;

function many(of: Case) {
  const dice = new Dice(20_261_124);
  const verdicts: Record<string, number> = {};
  let held = 0;
  const errors: number[] = [];
  for (let i = 0; i < CASES[of.measured ? "measured" : "estimated"]; i += 1) {
    const { forecast, trueMs } = invalidation(dice, of);
    const verdict = forecast?.verdict ?? "none";
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    const { eta } = forecast ?? {};
    if (!eta) continue;
    if (eta.lowMs <= trueMs && trueMs <= eta.highMs) held += 1;
    errors.push(Math.abs((eta.atMs - ONSET) / (trueMs - ONSET) - 1));
  }
  return { verdicts, held, median: errors.sort((a, b) => a - b)[errors.length >> 1] ?? 1 };
}

it.each([5, 15, 45, 120])(
  "from measured ages: interval, error and verdict of a recovery of %d minutes",
  (minutes) => {
    const { verdicts, held, median } = many({ minutes, measured: true, stuck: false });
    expect(verdicts.not_recovering ?? 0).toBe(0);
    expect(verdicts.faster ?? 0).toBe(0);
    // 95 % wanted; of that chance may leave 54 of 60.
    expect(held).toBeGreaterThanOrEqual(54);
    expect(median).toBeLessThan(0.2);
  },
);

it.each([15, 45, 120])("from an estimate: wide, but right, after %d minutes", (minutes) => {
  const { verdicts, held, median } = many({ minutes, measured: false, stuck: false });
  expect(verdicts.not_recovering ?? 0).toBe(0);
  expect(verdicts.faster ?? 0).toBe(0);
  expect(held).toBeGreaterThanOrEqual(21);
  expect(median).toBeLessThan(minutes < 45 ? 0.6 : 0.3);
});

it("sees a standstill: soon where ages are known, later where they are not, and never calls it as predicted for long", () => {
  const stuck = (minutes: number, measured: boolean) => many({ minutes, measured, stuck: true }).verdicts;
  expect(stuck(15, true).not_recovering ?? 0).toBeGreaterThanOrEqual(54);
  expect(stuck(45, true)).toEqual({ not_recovering: 60 });
  expect(stuck(15, false).as_predicted ?? 0).toBeLessThanOrEqual(2);
  expect(stuck(120, false)).toEqual({ not_recovering: 24 });
});

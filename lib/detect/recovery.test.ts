import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram } from "../stats/histogram.ts";
import { forecastRecovery } from "./recovery.ts";
import type { RecoveryInput } from "./recovery-courses.ts";
import { ageModel, logNormalAges } from "./ticket-age.ts";

const ONSET = Date.UTC(2026, 10, 24, 14, 2);
const MINUTE = 60_000;
const R0 = 0.7;

/** Ages of a log-normal F_age: 10,000 tickets at even quantiles. */
function agesOf(medianS: number, sigma: number): Histogram {
  const younger = logNormalAges(medianS, sigma);
  const histogram = new Histogram();
  for (let ageS = 1; ageS < 604_800; ageS = Math.ceil(ageS * 1.02)) {
    const weight = Math.round(10_000 * (younger(ageS) - younger(Math.min(ageS - 1, ageS / 1.02))));
    if (weight > 0) histogram.add(ageS, weight);
  }
  return histogram;
}

/** Minutes after the onset with a rate of their own, `n` handshakes each. */
function minutesOf(minutes: number, rate: (ageS: number) => number, n = 1_000): RecoveryInput["after"] {
  return Array.from({ length: minutes }, (_, i) => ({
    atMs: ONSET + i * MINUTE,
    k: Math.round(n * rate(60 * i + 30)),
    n,
  }));
}

const before = Array.from({ length: 60 }, (_, i) => ({ k: 1_000 * R0 + (i % 2 === 0 ? 12 : -12), n: 1_000 }));
const TRUE_AGES = logNormalAges(600, 1.5);
const input = (steps: RecoveryInput["after"], ages: Histogram | null = agesOf(600, 1.5)): RecoveryInput => ({
  onsetMs: ONSET,
  stepMs: MINUTE,
  before,
  after: steps,
  ages,
});

describe("F_age", () => {
  it("has the figures of DOMAIN's Law 2: median age 10 min and 60 min, sigma 2, lifetime 24 h", () => {
    const ten = logNormalAges(600, 2, 86_400);
    expect(ten(600)).toBeCloseTo(0.5, 1);
    expect(ten(2 * 3_600)).toBeCloseTo(0.9, 1);
    expect(ten(12 * 3_600)).toBeCloseTo(0.99, 1);
    const sixty = logNormalAges(3_600, 2, 86_400);
    expect(sixty(52 * 60)).toBeCloseTo(0.5, 1);
    expect(sixty(7.9 * 3_600)).toBeCloseTo(0.9, 1);
  });

  it("is measured where enough ages are known, and otherwise says that it is an estimate", () => {
    expect(ageModel(agesOf(600, 1.5)).basis).toBe("measured");
    expect(ageModel(null).basis).toBe("estimated");
    const few = new Histogram();
    few.add(300, 199);
    expect(ageModel(few).basis).toBe("estimated");
  });

  it("never falls and ends at 1", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 10_000 }),
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        (m, s) => {
          const younger = logNormalAges(m, s);
          let last = 0;
          for (let ageS = 1; ageS < 700_000; ageS *= 1.5) {
            expect(younger(ageS)).toBeGreaterThanOrEqual(last - 1e-6);
            last = younger(ageS);
          }
          expect(younger(604_800)).toBe(1);
        },
      ),
    );
  });
});

describe("recovery from measured ages", () => {
  it("predicts within a fifth when 90 % are back (drill D2) and recognises the recovery", () => {
    const whole = forecastRecovery(input(minutesOf(40, (ageS) => R0 * TRUE_AGES(ageS))));
    // ln(u/600)/1.5 = 1.2816, so u = 600 exp(1.922) = 4,102 s.
    const etaS = ((whole?.eta?.atMs ?? 0) - ONSET) / 1_000;
    expect(etaS).toBeGreaterThan(4_102 * 0.8);
    expect(etaS).toBeLessThan(4_102 * 1.2);
    expect(whole?.eta && whole.eta.lowMs <= whole.eta.atMs && whole.eta.atMs <= whole.eta.highMs).toBe(true);
    expect(whole).toMatchObject({ basis: "measured", verdict: "as_predicted" });
    expect(whole?.sentence).toMatch(/^By the ages of [\d,]+ tickets .*15:1\d UTC.*So far it goes so: /);
  });

  it("draws a curve that rises from the floor to R0 with its band around it", () => {
    const { predicted = [] } = forecastRecovery(input(minutesOf(40, (ageS) => R0 * TRUE_AGES(ageS)))) ?? {};
    expect(predicted.length).toBeGreaterThan(30);
    expect(predicted.length).toBeLessThanOrEqual(61);
    expect(predicted[0]?.value).toBeLessThan(0.1);
    expect(predicted.at(-1)?.value).toBeGreaterThan(0.85 * R0);
    for (const { low, value, high } of predicted) expect(low <= value && value <= high).toBe(true);
    const at20 = predicted.find(({ t }) => t >= ONSET + 20 * MINUTE);
    const true20 = R0 * TRUE_AGES(((at20?.t ?? 0) - ONSET) / 1_000);
    expect(at20 && at20.low <= true20 && true20 <= at20.high).toBe(true);
  });

  it("leaves what did not die: session ids go on resuming", () => {
    const rate = (ageS: number) => 0.3 + 0.4 * TRUE_AGES(ageS);
    const forecast = forecastRecovery(input(minutesOf(45, rate)));
    expect(forecast?.verdict).toBe("as_predicted");
    expect(forecast?.predicted[0]?.value).toBeGreaterThan(0.2);
  });

  it("says that a plateau is no recovery", () => {
    const forecast = forecastRecovery(input(minutesOf(60, () => 0.2)));
    expect(forecast?.verdict).toBe("not_recovering");
    expect(forecast?.sentence).toContain("not recovering as predicted: 20.0 % (4,000 of 20,000), predicted");
  });

  it("says that a notch is over sooner than tickets age", () => {
    const forecast = forecastRecovery(input(minutesOf(12, (ageS) => (ageS < 300 ? 0.1 : 0.5))));
    expect(forecast?.verdict).toBe("faster");
    expect(forecastRecovery(input(minutesOf(30, (ageS) => (ageS < 300 ? 0.1 : R0))))?.verdict).toBe(
      "recovered",
    );
  });

  it("says when all is back", () => {
    expect(forecastRecovery(input(minutesOf(240, (ageS) => R0 * TRUE_AGES(ageS))))?.verdict).toBe(
      "recovered",
    );
  });

  it("does not judge by few handshakes, nor in the first minutes", () => {
    expect(forecastRecovery(input(minutesOf(1, () => 0)))?.verdict).toBe("too_early");
    expect(forecastRecovery(input(minutesOf(60, () => 0.2, 2)))?.verdict).toBe("too_early");
    expect(forecastRecovery(input(minutesOf(2, () => 0)))?.verdict).toBe("too_early");
  });

  it("has nothing to say without a before or an after", () => {
    expect(forecastRecovery(input([]))).toBeNull();
    expect(forecastRecovery({ ...input(minutesOf(5, () => 0)), before: [] })).toBeNull();
  });
});

describe("recovery from an estimate", () => {
  it("learns from the recovery so far, says that it is an estimate, and is not sure", () => {
    const forecast = forecastRecovery(
      input(
        minutesOf(90, (ageS) => R0 * TRUE_AGES(ageS)),
        null,
      ),
    );
    expect(forecast?.basis).toBe("estimated");
    expect(forecast?.verdict).toMatch(/as_predicted|recovered/);
    expect(forecast?.sentence).toContain("Estimated");
    const { lowMs = 0, highMs = 0 } = forecast?.eta ?? {};
    expect(lowMs - ONSET).toBeLessThan(4_102_000);
    expect(highMs - ONSET).toBeGreaterThan(4_102_000);
  });

  it("still tells a plateau from a recovery", () => {
    expect(
      forecastRecovery(
        input(
          minutesOf(120, () => 0.2),
          null,
        ),
      )?.verdict,
    ).toBe("not_recovering");
  });
});

describe("the test's false calls", () => {
  it("calls a true recovery neither stuck nor faster, whatever the dice say", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 10, max: 120 }),
        fc.boolean(),
        (seed, minutes, measured) => {
          let state = seed;
          const dice = (): number => {
            state = (state * 48_271) % 2_147_483_647;
            return state / 2_147_483_647;
          };
          const drawn = minutesOf(minutes, (ageS) => R0 * TRUE_AGES(ageS), 200).map((step) => {
            const rate = R0 * TRUE_AGES((step.atMs - ONSET) / 1_000 + 30);
            return { ...step, k: Array.from({ length: 200 }, dice).filter((x) => x < rate).length };
          });
          const ages = measured ? agesOf(600, 1.5) : null;
          const verdict = forecastRecovery(input(drawn, ages))?.verdict;
          expect(["too_early", "as_predicted", "recovered"]).toContain(verdict);
        },
      ),
      { numRuns: 60 },
    );
  });
});

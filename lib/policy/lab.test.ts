import { expect, it } from "vitest";
import { logNormalAges } from "../detect/ticket-age.ts";
import { Histogram } from "../stats/histogram.ts";
import {
  type AgeBin,
  acceptedAt,
  ageBins,
  designExposureS,
  type LabFacts,
  lossWithoutOverlap,
  predict,
  seenUntilS,
} from "./lab.ts";
import { frontierOf, policyFor, smallestExposure } from "./lab-frontier.ts";

const HOUR = 3_600;
const DAY = 86_400;

/** A million ages of DOMAIN's example: log-normal, median ten minutes, sigma 2, cut off at the lifetime. */
function ages(medianS: number, lifetimeS: number, count = 1_000_000): AgeBin[] {
  const younger = logNormalAges(medianS, 2, lifetimeS);
  const histogram = new Histogram();
  let beforeS = 0;
  for (let ageS = 1; beforeS < lifetimeS; ageS = Math.min(lifetimeS, Math.ceil(ageS * 1.004))) {
    const weight = Math.round(count * (younger(ageS) - younger(beforeS)));
    if (weight > 0) histogram.add(ageS, weight);
    beforeS = ageS;
  }
  return ageBins(histogram);
}

function facts(over: Partial<LabFacts> = {}): LabFacts {
  return {
    ages: ages(600, DAY),
    completed: 1_500_000,
    byTicket: 900_000,
    otherwise: 0,
    spread: 1,
    today: { lifetimeS: DAY, periodS: 12 * HOUR, retained: 2 },
    ...over,
  };
}

it("opens a ticket for certain while its key is retained, then by the moment at which it was issued", () => {
  const policy = { lifetimeS: DAY, periodS: HOUR, retained: 2 };
  expect([0, 2 * HOUR, 2.25 * HOUR, 3 * HOUR, 4 * HOUR].map((age) => acceptedAt(age, policy))).toEqual([
    1, 1, 0.75, 0, 0,
  ]);
  expect(acceptedAt(DAY + 1, { lifetimeS: DAY, periodS: 30 * DAY, retained: 2 })).toBe(0);
});

it("knows the exposure of usual defaults (DOMAIN 5.5)", () => {
  // Twitter: keys of twelve hours, two retained: 36 h. Caddy: 12 h keys, four in all, tickets of a week are cut by them.
  expect(designExposureS({ lifetimeS: DAY, periodS: 12 * HOUR, retained: 2 })).toBe(36 * HOUR);
  expect(designExposureS({ lifetimeS: 12 * HOUR, periodS: 12 * HOUR, retained: 3 })).toBe(48 * HOUR);
  expect(designExposureS({ lifetimeS: 7 * DAY, periodS: DAY, retained: 0 })).toBe(8 * DAY);
});

it("predicts today's rate for today's policy, whatever that is", () => {
  for (const today of [
    { lifetimeS: DAY, periodS: 12 * HOUR, retained: 2 },
    { lifetimeS: DAY, periodS: null, retained: null },
    { lifetimeS: null, periodS: null, retained: null },
  ]) {
    const given = facts({ today });
    const lifetimeS = today.lifetimeS ?? seenUntilS(given);
    const found = predict(given, {
      lifetimeS,
      periodS: today.periodS ?? 30 * DAY,
      retained: today.retained ?? 1,
    });
    expect(found?.rate.value).toBeCloseTo(0.6, 3);
    expect(found?.beyond).toBeNull();
  }
});

it("follows F_age when the lifetime is cut (Law 2's example)", () => {
  const younger = logNormalAges(600, 2, DAY);
  for (const lifetimeS of [600, 2 * HOUR, 12 * HOUR]) {
    const found = predict(facts(), { lifetimeS, periodS: 12 * HOUR, retained: 2 });
    expect(found?.rate.value).toBeCloseTo(0.6 * younger(lifetimeS), 2);
  }
  // DOMAIN: 50 % within ten minutes, 90 % within two hours, 99 % within twelve.
  const shares = [600, 2 * HOUR, 12 * HOUR].map(
    (lifetimeS) => (predict(facts(), { lifetimeS, periodS: DAY, retained: 2 })?.rate.value ?? 0) / 0.6,
  );
  expect(shares[0]).toBeCloseTo(0.505, 2);
  expect(shares[1]).toBeCloseTo(0.9, 2);
  expect(shares[2]).toBeCloseTo(0.99, 2);
});

it("knows what rotation without overlap costs (Law 3's example)", () => {
  const cost = (periodS: number) => lossWithoutOverlap(facts(), { lifetimeS: DAY, periodS, retained: 0 });
  expect(cost(HOUR)).toBeCloseTo(0.35, 2);
  expect(cost(12 * HOUR)).toBeCloseTo(0.067, 2);
  expect(cost(DAY)).toBeCloseTo(0.035, 2);
  expect(lossWithoutOverlap(facts({ ages: [] }), { lifetimeS: DAY, periodS: HOUR, retained: 0 })).toBeNull();
});

it("loses what keys do not cover, as the mean of F_age over the moments of issuing", () => {
  const younger = logNormalAges(600, 2, DAY);
  const policy = { lifetimeS: DAY, periodS: HOUR, retained: 1 };
  const steps = 1_000;
  const mean =
    Array.from({ length: steps }, (_, i) => younger(HOUR * (1 + (i + 0.5) / steps))).reduce((a, b) => a + b) /
    steps;
  expect(predict(facts(), policy)?.rate.value).toBeCloseTo(0.6 * mean, 3);
});

it("makes good what today's keys lose, where enough of it is seen", () => {
  const today = { lifetimeS: 3 * HOUR, periodS: HOUR, retained: 1 };
  const all = logNormalAges(600, 2, 3 * HOUR);
  // What is seen today: ages thinned by today's keys.
  const seen = ages(600, 3 * HOUR).map((bin) => ({
    ...bin,
    count: bin.count * acceptedAt((bin.lowS + bin.highS) / 2, today),
  }));
  const kept = seen.reduce((sum, { count }) => sum + count, 0) / 1_000_000;
  const given = facts({ ages: seen, byTicket: 900_000 * kept, today });
  const better = predict(given, { lifetimeS: 1.8 * HOUR, periodS: HOUR, retained: 2 });
  expect(better?.beyond).toBeNull();
  expect(better?.rate.value).toBeCloseTo(0.6 * all(1.8 * HOUR), 2);
});

it("says where nothing is known of longer lifetimes, and holds the truth between its bounds", () => {
  const today = { lifetimeS: HOUR, periodS: 12 * HOUR, retained: 2 };
  const younger = logNormalAges(600, 2, DAY);
  const given = facts({ ages: ages(600, HOUR), byTicket: 900_000 * younger(HOUR), today });
  const longer = predict(given, { lifetimeS: 12 * HOUR, periodS: 12 * HOUR, retained: 2 });
  expect(longer?.beyond?.fromS).toBe(HOUR);
  expect(longer?.rate.value).toBeCloseTo(0.6 * younger(HOUR), 3);
  const truth = 0.6 * younger(12 * HOUR);
  expect(truth).toBeGreaterThan(longer?.rate.value ?? 1);
  expect(truth).toBeLessThan(longer?.beyond?.atMost ?? 0);
});

it("widens with small and with wandering counts, and leaves session ids alone", () => {
  const policy = { lifetimeS: HOUR, periodS: 12 * HOUR, retained: 2 };
  const small = facts({ ages: ages(600, DAY, 600), completed: 1_000, byTicket: 600 });
  const width = (given: LabFacts) => {
    const rate = predict(given, policy)?.rate;
    return rate ? rate.high - rate.low : 0;
  };
  expect(width(small)).toBeGreaterThan(0.05);
  expect(width(small)).toBeLessThan(0.08);
  expect(width({ ...small, spread: 4 })).toBeGreaterThan(1.8 * width(small));
  const ids = predict(facts({ byTicket: 0, otherwise: 900_000 }), policy);
  expect(ids?.rate.value).toBeCloseTo(0.6, 9);
});

it("guesses with a wide band where ages are not known, and says nothing where the lifetime is not either", () => {
  const blind = facts({ ages: [] });
  const guess = predict(blind, { lifetimeS: HOUR, periodS: 12 * HOUR, retained: 2 });
  expect(guess?.basis).toBe("estimated");
  const truth = 0.6 * logNormalAges(600, 2, DAY)(HOUR);
  expect(guess?.rate.low).toBeLessThan(truth);
  expect(guess?.rate.high).toBeGreaterThan(truth);
  expect(predict({ ...blind, today: { ...blind.today, lifetimeS: null } }, policyFor(DAY, 1))).toBeNull();
  expect(predict(facts({ completed: 0 }), policyFor(DAY, 1))).toBeNull();
});

it("draws the frontier: more and shorter keys give more for the same exposure", () => {
  const younger = logNormalAges(600, 2, DAY);
  const curves = frontierOf(facts());
  expect(curves.map(({ retained }) => retained)).toEqual([0, 1, 2, 6]);
  const at = (retained: number, i: number) =>
    curves.find((curve) => curve.retained === retained)?.points[i]?.prediction.rate.value ?? 0;
  for (const i of [5, 15, 25]) {
    expect(at(6, i)).toBeGreaterThan(at(2, i));
    expect(at(2, i)).toBeGreaterThan(at(1, i));
    expect(at(1, i)).toBeGreaterThan(at(0, i));
  }
  const point = curves[2]?.points[15];
  expect(point?.prediction.rate.value).toBeCloseTo(0.6 * younger(((point?.exposureS ?? 0) * 2) / 3), 2);
});

it("finds a smaller exposure at nearly the same rate", () => {
  const found = smallestExposure(facts(), { rate: 0.6, loss: 0.01 });
  // 97.8 % of the ages are below eight hours, 99 % below twelve: keys of four hours, three of them retained.
  expect(found?.policy).toEqual({ lifetimeS: 12 * HOUR, periodS: 4 * HOUR, retained: 3 });
  expect(found?.exposureS).toBe(16 * HOUR);
});

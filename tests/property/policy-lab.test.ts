import fc from "fast-check";
import { expect, it } from "vitest";
import {
  ageBins,
  designExposureS,
  type KeyPolicy,
  type LabFacts,
  lossWithoutOverlap,
  predict,
} from "../../lib/policy/lab.ts";
import { Histogram } from "../../lib/stats/histogram.ts";

const lengthS = fc.integer({ min: 60, max: 604_800 });
const policy: fc.Arbitrary<KeyPolicy> = fc.record({
  lifetimeS: lengthS,
  periodS: lengthS,
  retained: fc.integer({ min: 0, max: 8 }),
});
/** Any ages, measured or too few to be, and any knowledge of today's policy. */
const facts: fc.Arbitrary<LabFacts> = fc
  .record({
    ages: fc.array(fc.tuple(fc.integer({ min: 0, max: 700_000 }), fc.integer({ min: 1, max: 500 })), {
      maxLength: 12,
    }),
    full: fc.integer({ min: 0, max: 5_000 }),
    otherwise: fc.integer({ min: 0, max: 2_000 }),
    spread: fc.double({ min: 1, max: 20, noNaN: true }),
    today: fc.record({
      lifetimeS: fc.option(lengthS),
      periodS: fc.option(lengthS),
      retained: fc.option(fc.integer({ min: 0, max: 4 })),
    }),
  })
  .map(({ ages, full, otherwise, ...rest }) => {
    const histogram = new Histogram();
    for (const [ageS, count] of ages) histogram.add(ageS, count);
    const byTicket = histogram.count;
    return {
      ages: ageBins(histogram),
      byTicket,
      otherwise,
      completed: full + otherwise + byTicket,
      ...rest,
    };
  });

const RUNS = { numRuns: 150 };
const TINY = 1e-9;

it("a longer lifetime, a longer period or one more key never lowers R and never shortens the exposure window", () => {
  const more = fc.constantFrom<keyof KeyPolicy>("lifetimeS", "periodS", "retained");
  fc.assert(
    fc.property(facts, policy, more, fc.integer({ min: 1, max: 200_000 }), (given, from, part, by) => {
      const to = { ...from, [part]: from[part] + (part === "retained" ? 1 : by) };
      expect(designExposureS(to)).toBeGreaterThanOrEqual(designExposureS(from));
      const [before, after] = [predict(given, from), predict(given, to)];
      if (!before || !after) return;
      expect(after.rate.value).toBeGreaterThanOrEqual(before.rate.value - TINY);
      const reach = ({ rate, beyond }: typeof before) => beyond?.atMost ?? rate.value;
      expect(reach(after)).toBeGreaterThanOrEqual(reach(before) - 1e-3);
    }),
    RUNS,
  );
});

it("stays a rate within its own interval, and within its bounds beyond what is seen", () => {
  fc.assert(
    fc.property(facts, policy, (given, wanted) => {
      const found = predict(given, wanted);
      if (!found) return;
      const { value, low, high } = found.rate;
      expect([low, value - low, high - value, 1 - high].every((part) => part >= -TINY)).toBe(true);
      expect(found.beyond?.atMost ?? 1).toBeGreaterThanOrEqual(value - TINY);
      const loss = lossWithoutOverlap(given, wanted) ?? 0;
      expect(loss).toBeGreaterThanOrEqual(-TINY);
      expect(loss).toBeLessThanOrEqual(1 + TINY);
    }),
    RUNS,
  );
});

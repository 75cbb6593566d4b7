import fc from "fast-check";
import { expect, it } from "vitest";
import { NO_FACTS } from "../../lib/policy/facts.ts";
import { RULES } from "../../lib/policy/registry.ts";
import { NEEDS, type Threshold } from "../../lib/policy/rule.ts";

it("with no facts at all nothing passes and nothing fails, whatever the threshold", () => {
  const thresholds = (limits: (typeof RULES)[number]["limits"]): fc.Arbitrary<Threshold> =>
    fc.record(
      Object.fromEntries(
        Object.entries(limits).map(([name, { min, max }]) => [name, fc.double({ min, max, noNaN: true })]),
      ),
      { requiredKeys: [] },
    ) as fc.Arbitrary<Threshold>;
  for (const rule of RULES)
    fc.assert(
      fc.property(thresholds(rule.limits), fc.integer({ min: 0, max: 4e12 }), (threshold, nowMs) => {
        const { verdict, needs, summary } = rule.judge(NO_FACTS, threshold, nowMs);
        expect(["unknown", "not_applicable"]).toContain(verdict);
        expect(summary).not.toBe("");
        if (verdict === "unknown") {
          expect(needs.length).toBeGreaterThan(0);
          for (const need of needs) expect(NEEDS[need]).toBeDefined();
        }
      }),
    );
});

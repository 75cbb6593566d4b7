import { describe, expect, it } from "vitest";
import { ruleOf } from "../../lib/policy/registry.ts";
import type { Threshold, Verdict } from "../../lib/policy/rule.ts";
import { known, NOW } from "./policy-facts.ts";

type Case = readonly [
  says: string,
  expected: Verdict,
  facts: Parameters<typeof known>[0],
  threshold?: Threshold,
];
/** Cases by rule. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

/** Judges each case, and each rule without any facts. */
export function judgeCases(cases: Cases): void {
  describe.each(Object.entries(cases))("%s", (id, list) => {
    it.each(list)("%s: %s", (...given) => {
      const [, expected, facts, threshold = {}] = given as unknown as Case;
      expect(ruleOf(id)?.judge(known(facts), threshold, NOW)).toMatchObject({ verdict: expected });
    });

    it("is unknown without facts", () => {
      expect(ruleOf(id)?.judge(known({}), {}, NOW).verdict).toBe("unknown");
    });
  });
}

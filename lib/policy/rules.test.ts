import { describe, expect, it } from "vitest";
import {
  DAY_MS,
  fact,
  key,
  keys,
  known,
  NOW,
  ROTATED,
  resumed,
  split,
} from "../../tests/support/policy-facts.ts";
import { NO_INTENT } from "../domain/intent.ts";
import type { PolicyFacts } from "./facts.ts";
import { RULES, ruleOf } from "./registry.ts";
import { thresholdSchema } from "./rule.ts";

const ids = Array.from({ length: 30 }, (_, i) => `H${String(i + 1).padStart(2, "0")}`);
/** Rules that are about resumption or not at all. */
const WITHOUT_RESUMPTION = ["H26", "H27", "H28"];

it("there are thirty rules, each with title, clause, reason and fix", () => {
  expect(RULES.map(({ id }) => id)).toEqual(ids);
  for (const rule of RULES) {
    expect(rule.clauses.length, rule.id).toBeGreaterThan(0);
    expect(rule.fix.length, rule.id).toBeGreaterThan(0);
    for (const text of [
      rule.title,
      rule.why,
      ...rule.fix,
      ...rule.clauses.flatMap(({ reference, says }) => [reference, says]),
    ])
      expect(text.length, rule.id).toBeGreaterThan(5);
  }
});

it("clauses of RFC 8446 name the section of RFC 9846 too", () => {
  for (const { reference } of RULES.flatMap((rule) => rule.clauses))
    if (reference.includes("RFC 8446")) expect(reference).toMatch(/RFC 9846 [\dA-F]/);
});

it("a rule by its id, and none by another", () => {
  expect(ruleOf("H14")?.title).toContain("share");
  expect(ruleOf("H31")).toBeUndefined();
});

describe("thresholds", () => {
  it("take their own limits within their ranges, and nothing else", () => {
    for (const rule of RULES) {
      const schema = thresholdSchema(rule);
      expect(schema.safeParse({ other: 1 }).success).toBe(false);
      expect(schema.safeParse({}).success).toBe(false);
      for (const [name, { fallback, min, max }] of Object.entries(rule.limits)) {
        for (const value of [fallback, min, max])
          expect(schema.safeParse({ [name]: value }).success).toBe(true);
        for (const value of [min - 1, max + 1, Number.NaN, "1", null])
          expect(schema.safeParse({ [name]: value }).success).toBe(false);
      }
    }
  });

  it("of which only a part is given keep the other limits", () => {
    const facts = known({ ticketsPerHandshake: fact([{ node: "edge-1", tickets: 7 }]) });
    expect(ruleOf("H15")?.judge(facts, { fewest: 2 }, NOW).verdict).toBe("fail");
    expect(ruleOf("H15")?.judge(facts, { most: 7 }, NOW).verdict).toBe("pass");
  });
});

it("empty facts (nobody came, nothing was found in nothing) are no pass either", () => {
  const empty = known({
    resumed: resumed({}, 0),
    protocols: fact({}, 0),
    earlyData: fact({ accepted: 0, rejected: 0 }, 0),
    withoutKeyShare: fact(0, 0),
    ciphers: fact([], 0),
    agreement: fact([], 0),
    ticketsPerHandshake: fact([], 0),
    probedResumption: fact(
      { session_id: { yes: [], no: [] }, ticket: { yes: [], no: [] }, psk: { yes: [], no: [] } },
      0,
    ),
    probedProtocols: fact({}, 0),
    probedEarlyData: split([]),
    replayed: split([]),
    otherName: split([]),
    weakKeys: split([]),
    certificates: fact([], 0),
    starts: fact([], 0),
    intent: { resumption: null },
  });
  for (const facts of [empty, { ...empty, intent: { ...NO_INTENT, resumption: "off" as const } }])
    for (const rule of RULES)
      expect([rule.id, rule.judge(facts, {}, NOW).verdict]).not.toEqual([rule.id, "pass"]);
});

describe("where resumption must be off", () => {
  const off = (rest: Partial<PolicyFacts>): PolicyFacts => ({
    ...known(rest as Parameters<typeof known>[0]),
    intent: { ...NO_INTENT, resumption: "off" },
  });

  it("rules about resuming well do not apply, whatever is known", () => {
    const facts = off({
      keys: keys(ROTATED),
      lifetimeTls13S: fact(9e9),
      earlyData: fact({ accepted: 5, rejected: 0 }),
      agreement: fact([{ from: "a", to: "b", accepted: 0, offered: 5 }]),
    });
    for (const rule of RULES)
      if (!WITHOUT_RESUMPTION.includes(rule.id))
        expect(rule.judge(facts, {}, NOW).verdict).toBe("not_applicable");
  });

  it.each(["session_id", "ticket", "psk", "unknown"] as const)(
    "one resumption by %s is the violation",
    (mechanism) => {
      const judged = ruleOf("H28")?.judge(off({ resumed: resumed({ [mechanism]: 1 }, 1_000_000) }), {}, NOW);
      expect(judged?.verdict).toBe("fail");
      expect(
        judged?.evidence.some(({ label, value }) => label.startsWith("Resumed by") && value === "1"),
      ).toBe(true);
    },
  );

  it("none of many is a pass; what the prober could resume is a violation all the same", () => {
    const probed = (psk: { yes: string[]; no: string[] }) =>
      fact({ session_id: { yes: [], no: ["a"] }, ticket: { yes: [], no: ["a"] }, psk });
    expect(ruleOf("H28")?.judge(off({ resumed: resumed({}, 900) }), {}, NOW).verdict).toBe("pass");
    expect(
      ruleOf("H28")?.judge(
        off({ resumed: resumed({}, 900), probedResumption: probed({ yes: ["a"], no: [] }) }),
        {},
        NOW,
      ).verdict,
    ).toBe("fail");
    const refused = off({ probedResumption: probed({ yes: [], no: ["a"] }) });
    expect(ruleOf("H28")?.judge(refused, {}, NOW).verdict).toBe("pass");
    expect(ruleOf("H28")?.judge(off({}), {}, NOW).verdict).toBe("unknown");
  });

  it("H28 does not apply where that was not declared", () => {
    for (const resumption of [null, "allowed"] as const)
      expect(
        ruleOf("H28")?.judge(known({ intent: { resumption }, resumed: resumed({ psk: 5 }, 9) }), {}, NOW)
          .verdict,
      ).toBe("not_applicable");
  });
});

it("a key's age is what was seen, not what may be", () => {
  const alone = known({ keys: keys([key("k", "edge-1", { fromH: 2, toH: 0 })]) });
  expect(ruleOf("H02")?.judge(alone, {}, NOW).verdict).toBe("unknown");
  expect(ruleOf("H02")?.judge(alone, { periodS: 3_600 }, NOW).verdict).toBe("fail");
  expect(DAY_MS).toBe(86_400_000);
});

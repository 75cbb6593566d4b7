import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { alertRule, lengthText } from "../domain/alert-rule.ts";
import { DEFAULT_RULES, rulesWith } from "./defaults.ts";

it("ships rules that say what they are, each once, with runbooks that exist", () => {
  const ids = DEFAULT_RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, runbook, enabled } of DEFAULT_RULES) {
    expect(enabled, id).toBe(true);
    if (runbook !== undefined) expect(existsSync(`docs/runbooks/${runbook}.md`), runbook).toBe(true);
  }
});

it("lets a stored rule take a shipped one's place", () => {
  const own = { ...(DEFAULT_RULES[0] as (typeof DEFAULT_RULES)[number]), enabled: false };
  const rules = rulesWith([own]);
  expect(rules).toHaveLength(DEFAULT_RULES.length);
  expect(rules.filter(({ id }) => id === own.id)).toEqual([own]);
});

it("reads lengths as people write them, and writes them so that they read the same", () => {
  const read = (text: string | number): number =>
    alertRule.parse({ ...DEFAULT_RULES[0], condition: { kind: "key_age", most: text } }).condition.kind ===
    "key_age"
      ? (alertRule.parse({ ...DEFAULT_RULES[0], for: text }).for as number)
      : -1;
  for (const ms of [0, 1, 1_500, 90_000, 3_600_000, 86_400_000, 604_800_000])
    expect(read(lengthText(ms))).toBe(ms);
  expect(() => read("5 minutes")).toThrow();
});

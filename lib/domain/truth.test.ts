import { expect, it } from "vitest";
import { GRACE_MS, hiddenSpan, preferredVantage, type SeenView, type View } from "./truth.ts";

const log: SeenView = {
  ...{ node: "edge-1", system: "haproxy", vantage: "log", outcomes: true },
  ...{ firstMs: 1_000, lastMs: 9_000 },
};
const counters: View = { node: "edge-1", system: "haproxy", vantage: "counters" };
const seen: SeenView[] = [log, { ...counters, outcomes: true, firstMs: 0, lastMs: 99_000 }];

it("hides counters where the log of the same product on the same node covers them, and no longer", () => {
  expect(hiddenSpan(counters, { seen, choices: [] })).toEqual({ fromMs: 1_000, toMs: 9_000 + GRACE_MS });
  expect(hiddenSpan(log, { seen, choices: [] })).toBeNull();
});

it("leaves other nodes and other products alone; a product that is not known may be the same", () => {
  expect(hiddenSpan({ ...counters, node: "edge-2" }, { seen, choices: [] })).toBeNull();
  expect(hiddenSpan({ ...counters, system: "envoy" }, { seen, choices: [] })).toBeNull();
  expect(hiddenSpan({ ...counters, system: null }, { seen, choices: [] })).not.toBeNull();
});

it("follows a person's choice, but never hides the only view there is", () => {
  const choices = [counters];
  expect(hiddenSpan(log, { seen, choices })).toEqual({ fromMs: 0, toMs: 99_000 + GRACE_MS });
  expect(hiddenSpan(counters, { seen, choices })).toBeNull();
  expect(hiddenSpan(log, { seen: [log], choices })).toBeNull();
});

it("prefers counters where only they tell full from resumed", () => {
  const blind = [{ ...log, outcomes: false }, ...seen.slice(1)];
  expect(hiddenSpan(counters, { seen: blind, choices: [] })).toBeNull();
  expect(hiddenSpan(log, { seen: blind, choices: [] })).not.toBeNull();
  expect(preferredVantage(log, { seen: blind, choices: [log] })).toBe("log");
});

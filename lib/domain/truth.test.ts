import { expect, it } from "vitest";
import { GRACE_MS, hiddenSpans, preferredVantage, type SeenView, type View } from "./truth.ts";

const log: SeenView = {
  ...{ node: "edge-1", system: "haproxy", vantage: "log", outcomes: true },
  spans: [{ fromMs: 1_000, toMs: 9_000 }],
};
const counters: View = { node: "edge-1", system: "haproxy", vantage: "counters" };
const counted: SeenView = { ...counters, outcomes: true, spans: [{ fromMs: 0, toMs: 99_000 }] };
const seen = [log, counted];

it("hides counters where the log of the same product on the same node covers them, and no longer", () => {
  expect(hiddenSpans(counters, { seen, choices: [] })).toEqual([{ fromMs: 1_000, toMs: 9_000 + GRACE_MS }]);
  expect(hiddenSpans(log, { seen, choices: [] })).toEqual([]);
});

it("lets counters stand in while the log was silent, also once it is back", () => {
  const hour = 3_600_000;
  const spans = [
    { fromMs: 0, toMs: hour },
    { fromMs: 3 * hour, toMs: 4 * hour },
  ];
  expect(hiddenSpans(counters, { seen: [{ ...log, spans }, counted], choices: [] })).toEqual([
    { fromMs: 0, toMs: hour + GRACE_MS },
    { fromMs: 3 * hour, toMs: 4 * hour + GRACE_MS },
  ]);
});

it("leaves other nodes and other products alone; a product that is not known may be the same", () => {
  expect(hiddenSpans({ ...counters, node: "edge-2" }, { seen, choices: [] })).toEqual([]);
  expect(hiddenSpans({ ...counters, system: "envoy" }, { seen, choices: [] })).toEqual([]);
  expect(hiddenSpans({ ...counters, system: null }, { seen, choices: [] })).toHaveLength(1);
});

it("follows a person's choice, but never hides the only view there is", () => {
  const choices = [counters];
  expect(hiddenSpans(log, { seen, choices })).toEqual([{ fromMs: 0, toMs: 99_000 + GRACE_MS }]);
  expect(hiddenSpans(counters, { seen, choices })).toEqual([]);
  expect(hiddenSpans(log, { seen: [log], choices })).toEqual([]);
});

it("prefers counters where only they tell full from resumed", () => {
  const blind = [{ ...log, outcomes: false }, counted];
  expect(hiddenSpans(counters, { seen: blind, choices: [] })).toEqual([]);
  expect(hiddenSpans(log, { seen: blind, choices: [] })).toHaveLength(1);
  expect(preferredVantage(log, { seen: blind, choices: [log] })).toBe("log");
});

it("ranks the wire behind the log and before counters, and never counts two of three", () => {
  const wire: SeenView = {
    ...{ node: "edge-1", system: null, vantage: "wire", outcomes: true },
    spans: [{ fromMs: 20_000_000, toMs: 30_000_000 }],
  };
  const known = { seen: [log, counted, wire], choices: [] };
  expect(hiddenSpans(wire, known)).toEqual([{ fromMs: 1_000, toMs: 9_000 + GRACE_MS }]);
  expect(hiddenSpans(counters, known)).toEqual([
    { fromMs: 1_000, toMs: 9_000 + GRACE_MS },
    { fromMs: 20_000_000, toMs: 30_000_000 + GRACE_MS },
  ]);
  const chosen = { ...known, choices: [wire] };
  expect(preferredVantage(log, chosen)).toBe("wire");
  expect(hiddenSpans(wire, chosen)).toEqual([]);
  expect(hiddenSpans(log, chosen)).toEqual([{ fromMs: 20_000_000, toMs: 30_000_000 + GRACE_MS }]);
  expect(hiddenSpans(log, { ...known, choices: [counted] }, ["log", "wire"])).toEqual([]);
});

import { describe, expect, it } from "vitest";
import { modelCsv } from "./model.ts";
import { earlyLook, earlyStacks, failureModel, nameLook, reasonLook, stackModel } from "./security.ts";

const STEPS = {
  fromMs: 0,
  toMs: 180_000,
  stepMs: 60_000,
  nowMs: 150_000,
  steps: [0, 60_000, 120_000],
  handshakes: [10, 0, 4],
};

describe("stacked counts", () => {
  const model = stackModel(
    STEPS,
    [
      { name: "unknown_key", counts: [3, 0, 0] },
      { name: null, counts: [1, 0, 2] },
    ],
    reasonLook,
  );
  it("have gaps where nothing came, and zeros where something did", () => {
    expect(model.rows.map(({ values }) => values)).toEqual([
      { 0: 3, 1: 1 },
      { 0: null, 1: null },
      { 0: 0, 1: 2 },
    ]);
    expect(model.rows.map(({ partial }) => partial)).toEqual([false, false, true]);
  });
  it("name what is not known as that, and are CSV", () => {
    expect(model.columns.map(({ label }) => label)).toEqual(["unknown_key", "not known"]);
    expect(modelCsv(model).split("\r\n")[0]).toBe("time,unknown_key,not known,handshakes");
  });
  it("give each reason one colour, and other names those of their places", () => {
    expect(reasonLook("replay").colour).toBe(earlyLook("replay", 5).colour);
    expect(reasonLook("never heard of").colour).toBe("var(--unknown)");
    expect(nameLook("a", 13).colour).toBe(nameLook("b", 1).colour);
  });
});

describe("failures", () => {
  it("are shares of those with and without an offer; unknown where there were none", () => {
    const model = failureModel(STEPS, {
      withOffer: [
        { k: 1, n: 4 },
        { k: 0, n: 0 },
        { k: 0, n: 2 },
      ],
      withoutOffer: [
        { k: 3, n: 6 },
        { k: 0, n: 0 },
        { k: 0, n: 0 },
      ],
    });
    expect(model.rows.map(({ values }) => [values.withOffer, values.withoutOffer])).toEqual([
      [0.25, 0.5],
      [null, null],
      [0, null],
    ]);
  });
});

describe("early data", () => {
  it("tells accepted first, and only where some came", () => {
    const rejected = [{ name: null, counts: [1, 0, 0] }];
    expect(earlyStacks([0, 0, 0], rejected)).toEqual(rejected);
    expect(earlyStacks([5, 0, 0], rejected).map(({ name }) => name)).toEqual(["accepted", null]);
    expect(earlyLook(null, 1).label).toBe("Rejected: not known");
  });
});

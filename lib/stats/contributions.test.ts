import fc from "fast-check";
import { expect, it } from "vitest";
import { capValues, lossByValue } from "./contributions.ts";

const share = fc.tuple(fc.nat(2_000), fc.nat(2_000)).map(([a, b]) => ({
  k: Math.min(a, b),
  n: Math.max(a, b),
}));
const parts = fc.uniqueArray(
  fc.record({ value: fc.option(fc.string({ maxLength: 8 })), before: share, after: share }),
  { selector: ({ value }) => value, maxLength: 12 },
);

it("finds the node that lost: the others did as before", () => {
  const peers = ["n1", "n2", "n3", "n4"].map((value) => ({
    value,
    before: { k: 700, n: 1_000 },
    after: { k: 350, n: 500 },
  }));
  const stale = { value: "n5", before: { k: 700, n: 1_000 }, after: { k: 70, n: 500 } };
  const [first, ...rest] = lossByValue([...peers, stale], "pooled");
  expect(first).toMatchObject({ value: "n5", lost: expect.closeTo(280), lostShare: expect.closeTo(1) });
  for (const { lost } of rest) expect(lost).toBeCloseTo(0);
});

it("asks of a new node what its peers do, and nothing of new clients", () => {
  const old = { value: "old", before: { k: 60, n: 100 }, after: { k: 60, n: 100 } };
  const fresh = { value: "new", before: { k: 0, n: 0 }, after: { k: 10, n: 100 } };
  expect(lossByValue([old, fresh], "pooled")[0]).toMatchObject({ value: "new", lost: expect.closeTo(50) });
  expect(lossByValue([old, fresh], "none").map(({ lost }) => lost)).toEqual([
    expect.closeTo(0),
    expect.closeTo(0),
  ]);
});

it("losses of a dimension add up, shares to 1, and folding the small ones changes no sum", () => {
  fc.assert(
    fc.property(parts, fc.constantFrom("pooled" as const, "none" as const), (values, newcomers) => {
      const losses = lossByValue(values, newcomers);
      const lost = losses.reduce((sum, loss) => sum + loss.lost, 0);
      const shares = losses.reduce((sum, loss) => sum + loss.lostShare, 0);
      expect(shares).toBeCloseTo(lost > 0 ? 1 : 0, 6);
      const capped = capValues(losses, 4);
      expect(capped.length).toBeLessThanOrEqual(4);
      expect(capped.reduce((sum, loss) => sum + loss.lost, 0)).toBeCloseTo(lost, 6);
      expect(capped.reduce((sum, loss) => sum + loss.after.n, 0)).toBe(
        losses.reduce((sum, loss) => sum + loss.after.n, 0),
      );
    }),
  );
});

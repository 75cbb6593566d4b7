import fc from "fast-check";
import { expect, it } from "vitest";
import { mixAndRate, offersAndAcceptance, sumShares } from "./decompose.ts";

const shares = fc
  .tuple(fc.nat(5_000), fc.nat(5_000))
  .map(([a, b]) => ({ k: Math.min(a, b), n: Math.max(a, b) }));
/** Completed >= offered >= accepted. */
const sides = fc
  .tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000))
  .map((three) => three.sort((a, b) => a - b))
  .map(([accepted = 0, offered = 0, seen = 0]) => ({
    o: { k: offered, n: seen },
    a: { k: accepted, n: offered },
  }));
const part = fc.record({ before: shares, after: shares });

it("a fall of acceptance alone is all acceptance, a fall of offers all offers", () => {
  const before = { o: { k: 800, n: 1_000 }, a: { k: 720, n: 800 } };
  expect(offersAndAcceptance(before, { o: { k: 80, n: 100 }, a: { k: 20, n: 80 } })).toEqual({
    byOffers: 0,
    byAcceptance: expect.closeTo(0.8 * (0.25 - 0.9)),
  });
  expect(offersAndAcceptance(before, { o: { k: 40, n: 100 }, a: { k: 36, n: 40 } })).toEqual({
    byOffers: expect.closeTo(0.9 * -0.4),
    byAcceptance: 0,
  });
});

it("offers and acceptance add up to the change of R wherever they are known", () => {
  fc.assert(
    fc.property(sides, sides, (before, after) => {
      const split = offersAndAcceptance(before, after);
      const known = before.o.k > 0 && after.o.n > 0;
      expect(split === null).toBe(!known);
      if (split === null) return;
      const dR = after.a.k / after.o.n - before.a.k / before.o.n;
      expect(split.byOffers + split.byAcceptance).toBeCloseTo(dR, 12);
    }),
  );
});

it("says nothing where offers cannot be seen", () => {
  const blind = { o: { k: 0, n: 0 }, a: { k: 0, n: 0 } };
  const seen = { o: { k: 5, n: 10 }, a: { k: 4, n: 5 } };
  expect(offersAndAcceptance(blind, seen)).toBeNull();
  expect(offersAndAcceptance(seen, blind)).toBeNull();
  expect(mixAndRate([])).toBeNull();
});

it("mix and rate add up to the change of the whole, newcomers and leavers among the parts", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const split = mixAndRate(parts);
      const [before, after] = [sumShares(parts.map((p) => p.before)), sumShares(parts.map((p) => p.after))];
      expect(split === null).toBe(before.n === 0 || after.n === 0);
      if (split) expect(split.mix + split.rate).toBeCloseTo(after.k / after.n - before.k / before.n, 12);
    }),
  );
});

it("a surge of a family that never resumes is mix, not rate", () => {
  const browsers = { before: { k: 700, n: 1_000 }, after: { k: 700, n: 1_000 } };
  const fresh = { before: { k: 0, n: 0 }, after: { k: 0, n: 1_000 } };
  expect(mixAndRate([browsers, fresh])).toEqual({ mix: expect.closeTo(-0.35), rate: 0 });
  const fallen = { before: { k: 700, n: 1_000 }, after: { k: 350, n: 1_000 } };
  expect(mixAndRate([fallen])).toEqual({ mix: 0, rate: expect.closeTo(-0.35) });
});

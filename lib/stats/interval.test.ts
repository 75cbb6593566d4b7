import fc from "fast-check";
import { expect, it } from "vitest";
import { difference } from "./difference.ts";
import { wilson } from "./interval.ts";

it("gives the intervals of DOMAIN 5.6", () => {
  const percent = (k: number, n: number) =>
    [wilson(k, n)?.low, wilson(k, n)?.high].map((x) => Math.round((x ?? 0) * 100));
  expect(percent(6, 10)).toEqual([31, 83]);
  expect(percent(30, 50)).toEqual([46, 72]);
  expect(percent(120, 200)).toEqual([53, 67]);
  expect(percent(1_200, 2_000)).toEqual([58, 62]);
  expect(wilson(0, 0)).toBeNull();
});

it("stays in [0, 1] and around the value", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (a, b) => {
      const [k, n] = [Math.min(a, b), Math.max(a, b, 1)];
      const { low, high } = wilson(k, n) ?? { low: 1, high: 0 };
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(k / n + 1e-9);
      expect(high).toBeGreaterThanOrEqual(k / n - 1e-9);
    }),
  );
});

it("the interval of a difference covers it, and 0 when nothing moved", () => {
  const moved = difference({ k: 600, n: 1_000 }, { k: 300, n: 1_000 });
  expect(moved?.value).toBeCloseTo(-0.3);
  expect(moved?.high).toBeLessThan(-0.2);
  const same = difference({ k: 6, n: 10 }, { k: 5, n: 10 });
  expect(same && same.low < 0 && same.high > 0).toBe(true);
  expect(difference({ k: 0, n: 0 }, { k: 1, n: 1 })).toBeNull();
});

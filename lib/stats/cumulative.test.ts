import fc from "fast-check";
import { expect, it } from "vitest";
import { cumulativeOf, inverseOf, weightedQuantiles } from "./cumulative.ts";
import { Histogram } from "./histogram.ts";

it("is the share at or below, never falls, and ends at 1", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 50 }), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.add(value);
      const share = cumulativeOf(histogram);
      expect(share).not.toBeNull();
      if (!share) return;
      expect(share(-1)).toBe(0);
      expect(share(200_000)).toBe(1);
      let last = 0;
      for (let at = 0; at <= 100_000; at += 997) {
        expect(share(at)).toBeGreaterThanOrEqual(last - 1e-12);
        last = share(at);
      }
      // Within a bin's width of the exact share.
      const middle = values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
      const exact = (bound: number) => values.filter((value) => value <= bound).length / values.length;
      expect(share(middle)).toBeLessThanOrEqual(exact(middle * 1.03 + 1) + 1e-9);
      expect(share(middle)).toBeGreaterThanOrEqual(exact(middle * 0.97 - 1) - 1e-9);
    }),
  );
  expect(cumulativeOf(new Histogram())).toBeNull();
});

it("inverts where the share is reached", () => {
  expect(inverseOf((x) => Math.min(1, x / 100), 0.9, 1_000)).toBeCloseTo(90, 0);
  expect(inverseOf((x) => Math.min(0.8, x / 100), 0.9, 1_000)).toBe(Number.POSITIVE_INFINITY);
});

it("takes quantiles of weighted values", () => {
  const values = [
    { value: 3, weight: 1 },
    { value: 1, weight: 2 },
    { value: 2, weight: 1 },
  ];
  expect(weightedQuantiles(values, [0.25, 0.5, 0.75, 1])).toEqual([1, 1, 2, 3]);
  expect(weightedQuantiles([], [0.5])).toEqual([]);
});

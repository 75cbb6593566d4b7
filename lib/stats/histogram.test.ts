import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binMiddle, binOf, binUpper, Histogram, RELATIVE_ERROR } from "./histogram.ts";

const values = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { maxLength: 60 });
const of = (list: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of list) histogram.add(value);
  return histogram;
};
const plain = (histogram: Histogram) => [
  [...histogram.bins].sort((a, b) => a[0] - b[0]),
  histogram.count,
  histogram.sum,
];

describe("histogram", () => {
  it("merging is associative and commutative, and equals adding everything to one", () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const left = of(a).merge(of(b)).merge(of(c));
        const right = of(c).merge(of(a).merge(of(b)));
        expect(plain(left)).toEqual(plain(right));
        expect(plain(left)).toEqual(plain(of([...a, ...b, ...c])));
      }),
    );
  });

  it("survives encoding", () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(plain(Histogram.decode(of(list).encode()))).toEqual(plain(of(list)));
      }),
    );
  });

  it("bins hold their values, and their middle is within the stated error", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (value) => {
        const bin = binOf(value);
        expect(value).toBeLessThanOrEqual(binUpper(bin) * (1 + 1e-9));
        expect(value).toBeGreaterThan(binUpper(bin - 1) * (1 - 1e-9));
        expect(Math.abs(binMiddle(bin) - value) / value).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-9);
      }),
    );
  });

  it("quantiles are within the stated error of the exact ones; nothing has none", () => {
    const list = Array.from({ length: 1_000 }, (_, i) => (i + 1) * 37);
    for (const q of [0.01, 0.5, 0.95, 1]) {
      const exact = list[Math.ceil(q * list.length) - 1] ?? 0;
      expect(Math.abs((of(list).quantile(q) ?? 0) - exact) / exact).toBeLessThanOrEqual(
        RELATIVE_ERROR + 1e-9,
      );
    }
    expect(new Histogram().quantile(0.5)).toBeNull();
    expect(new Histogram().mean()).toBeNull();
    expect(() => Histogram.decode(Uint8Array.from([99, 0]))).toThrow("layout 99");
  });
});

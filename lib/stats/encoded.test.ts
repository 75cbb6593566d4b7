import fc from "fast-check";
import { expect, it } from "vitest";
import { encodedProblem } from "./encoded.ts";
import { Histogram } from "./histogram.ts";

const observations = fc.array(
  fc.record({ value: fc.oneof(fc.nat(100), fc.nat(10_000_000)), weight: fc.integer({ min: 1, max: 1_000 }) }),
  { minLength: 1, maxLength: 50 },
);
const made = (list: readonly { value: number; weight: number }[]): Histogram => {
  const histogram = new Histogram();
  for (const { value, weight } of list) histogram.add(value, weight);
  return histogram;
};
const problem = (bytes: Uint8Array, most: number): string | null =>
  encodedProblem(bytes, Histogram.decode(bytes), most);

it("finds nothing wrong with what was encoded, also after merging", () => {
  fc.assert(
    fc.property(observations, observations, (a, b) => {
      const histogram = made(a).merge(made(b));
      expect(problem(histogram.encode(), histogram.count)).toBeNull();
      expect(problem(histogram.encode(), histogram.count - 1)).toContain("more than the count");
    }),
  );
});

it("finds a sum that the bins cannot give, a bin out of range, and bytes that encode would not write", () => {
  const histogram = made([{ value: 1_000, weight: 3 }]);
  const wrongSum = made([{ value: 1_000, weight: 3 }]);
  wrongSum.sum = 5_000;
  expect(problem(wrongSum.encode(), 3)).toContain("sum");
  const far = new Histogram();
  far.addBin(5_000, 1);
  far.sum = 1;
  expect(problem(far.encode(), 1)).toContain("bin out of range");
  expect(problem(new Histogram().encode(), 1)).toContain("no observation");
  const longer = Uint8Array.from([...histogram.encode(), 0, 0]);
  expect(problem(longer, 3)).not.toBeNull();
});

it("takes no damaged bytes for good ones unless they are another histogram's", () => {
  fc.assert(
    fc.property(observations, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, place, change) => {
      const bytes = made(list).encode();
      const at = 1 + (place % (bytes.length - 1));
      bytes[at] = (bytes[at] ?? 0) ^ change;
      const decoded = Histogram.decode(bytes);
      if (encodedProblem(bytes, decoded, Number.MAX_SAFE_INTEGER) === null)
        expect(decoded.encode()).toEqual(bytes);
    }),
  );
});

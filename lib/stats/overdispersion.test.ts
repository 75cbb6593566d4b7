import { expect, it } from "vitest";
import { difference } from "./difference.ts";
import { effective, overdispersion } from "./overdispersion.ts";

it("is 1 for what varies no more than counts do, and for too few steps", () => {
  expect(overdispersion([])).toBe(1);
  expect(overdispersion(Array.from({ length: 10 }, () => ({ k: 50, n: 100 })))).toBe(1);
  expect(
    overdispersion([
      { k: 0, n: 100 },
      { k: 100, n: 100 },
    ]),
  ).toBe(1);
});

it("is the variance between steps over that of sampling", () => {
  // p = 0.5, n = 100: sampling gives a variance of 25; 10 and 90 are 40 off, so 1,600 / 25 x 4 / 3.
  expect(overdispersion([10, 90, 10, 90].map((k) => ({ k, n: 100 })))).toBeCloseTo((64 * 4) / 3);
});

it("widens intervals, and moves no rate", () => {
  const [before, after] = [
    { k: 700, n: 1_000 },
    { k: 660, n: 1_000 },
  ];
  const plain = difference(before, after);
  const wide = difference(effective(before, 4), effective(after, 4));
  expect(wide?.value).toBeCloseTo(plain?.value ?? 0);
  expect(plain && plain.high < 0).toBe(false);
  expect(wide && plain && wide.high - wide.low > 1.9 * (plain.high - plain.low)).toBe(true);
});

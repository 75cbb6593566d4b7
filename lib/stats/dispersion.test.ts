import { describe, expect, it } from "vitest";
import { correlationOf, Dispersion } from "./dispersion.ts";
import { median, patternShrinkage, robustLevel, robustSpread, weightedMedian } from "./robust.ts";

/** Normal quantiles at equal steps: a sample without chance. */
const NORMAL = Array.from({ length: 400 }, (_, i) => {
  const p = (i + 0.5) / 400;
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  return p < 0.5 ? -z : z;
});
const shuffled = NORMAL.map((_, i) => NORMAL[(i * 173) % 400] ?? 0);

describe("over-dispersion", () => {
  it("finds the variance beyond sampling", () => {
    const noise = new Dispersion(0, 5);
    for (const z of shuffled) noise.add(z * Math.sqrt(0.0001 + 0.0004), 0.0001);
    expect(Math.sqrt(noise.extraVariance)).toBeGreaterThan(0.018);
    expect(Math.sqrt(noise.extraVariance)).toBeLessThan(0.021);
  });

  it("finds none where sampling explains all, and is moved little by one outlier", () => {
    const noise = new Dispersion(0.0001, 5);
    for (const z of shuffled) noise.add(z * 0.01, 0.0001);
    const before = noise.extraVariance;
    expect(before).toBeLessThan(0.00001);
    noise.add(1, 0.0001);
    expect(noise.extraVariance - before).toBeLessThan(0.00001);
  });

  it("as a correlation, stays within what a share can have", () => {
    expect(correlationOf(0.0025, 0.5)).toBeCloseTo(0.01, 9);
    expect(correlationOf(9, 0.5)).toBe(0.999);
    expect(correlationOf(0.1, 0)).toBe(0);
  });
});

describe("robust levels", () => {
  it("medians and spreads of few and none", () => {
    expect(median([])).toBeNull();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(robustSpread([1, 2, 3, 4, 100])).toBeCloseTo(1.4826, 6);
    expect(weightedMedian([1, 2, 3], [1, 1, 5])).toBe(3);
    expect(weightedMedian([1], [0])).toBeNull();
  });

  it("an incident in the history does not carry the level away", () => {
    const values = [...shuffled.map((z) => 0.5 + 0.01 * z), ...Array.from({ length: 40 }, () => 0.1)];
    const found = robustLevel(
      values,
      values.map(() => 1),
    );
    expect(found?.level).toBeGreaterThan(0.49);
  });

  it("believes a pattern as far as it stands out of its noise", () => {
    const pattern = Array.from({ length: 24 }, (_, hour) => 0.02 * Math.sin((hour / 24) * 2 * Math.PI));
    expect(patternShrinkage(pattern, 0.00001)).toBeGreaterThan(0.9);
    expect(patternShrinkage(pattern, 0.01)).toBe(0);
    expect(patternShrinkage([1, 2], 0)).toBe(0);
  });
});

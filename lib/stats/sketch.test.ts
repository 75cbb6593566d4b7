import { describe, expect, it } from "vitest";
import { Course } from "./course.ts";
import { Histogram } from "./histogram.ts";
import { rankTest } from "./rank-test.ts";
import { CountMin, Distinct } from "./sketch.ts";

/** Well-spread 32-bit numbers, each another. */
const spread = (i: number): number => {
  let h = Math.imul(i + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

describe("counts by key in fixed room", () => {
  it("are never too small, and exact for what is heavy", () => {
    const counts = new CountMin(4_096);
    for (let i = 0; i < 20_000; i += 1) {
      counts.add(spread(i));
      if (i % 4 === 0) counts.add(spread(1_000_000));
    }
    const heavy = counts.estimate(spread(1_000_000));
    expect(heavy).toBeGreaterThanOrEqual(5_000);
    expect(heavy).toBeLessThan(5_030);
    for (let i = 0; i < 20_000; i += 997) expect(counts.estimate(spread(i))).toBeGreaterThanOrEqual(1);
    counts.clear();
    expect(counts.estimate(spread(1_000_000))).toBe(0);
  });
});

describe("how many distinct keys came", () => {
  it.each([1, 10, 100, 1_000, 30_000, 1_000_000])("is told of %i to a seventh", (n) => {
    const distinct = new Distinct();
    for (let i = 0; i < n; i += 1) {
      distinct.add(spread(i));
      distinct.add(spread(i));
    }
    expect(Math.abs(distinct.count() - n)).toBeLessThanOrEqual(Math.max(0.5, n / 7));
  });
});

describe("the rank test", () => {
  const of = (values: readonly number[]): Histogram => {
    const histogram = new Histogram();
    for (const value of values) histogram.add(value);
    return histogram;
  };
  it("tells nothing from nothing, and no difference from the same values", () => {
    expect(rankTest(of([]), of([1]))).toBeNull();
    const same = rankTest(of([1, 2, 4, 8]), of([1, 2, 4, 8]));
    expect(same?.larger).toBe(0.5);
    expect(Math.exp(same?.logChance ?? -9)).toBeGreaterThan(0.9);
    expect(rankTest(of([5, 5]), of([5, 5]))).toEqual({ larger: 0.5, logChance: 0 });
  });
  it("agrees with a worked example", () => {
    // By hand: 22 of 25 pairs; without ties z = (22 - 12.5) / sqrt(25 * 11 / 12) = 1.984.
    const a = of([10, 20, 40, 80, 160]);
    const b = of([120, 240, 480, 960, 70]);
    const test = rankTest(a, b);
    expect(test?.larger).toBeCloseTo(22 / 25, 10);
    expect(Math.exp(test?.logChance ?? 0)).toBeCloseTo(0.0472, 3);
  });
});

describe("a course of shares", () => {
  it("takes a backlog for what it is, and a rise for one", () => {
    const course = new Course();
    for (let i = 0; i < 200; i += 1) course.learn({ k: 8 + (i % 5), n: 1_000 });
    expect(course.usual).toBeCloseTo(0.01, 3);
    expect(course.logTail({ k: 300, n: 30_000 })).toBeGreaterThan(Math.log(0.01));
    expect(course.logTail({ k: 60, n: 1_000 })).toBeLessThan(Math.log(1e-9));
  });
  it("does not learn an attack at once", () => {
    const course = new Course();
    for (let i = 0; i < 200; i += 1) course.learn({ k: 10, n: 1_000 });
    for (let i = 0; i < 10; i += 1) course.learn({ k: 500, n: 1_000 });
    expect(course.usual).toBeLessThan(0.03);
  });
});

import { expect, test } from "vitest";
import { type HourShare, usualRate } from "./usual.ts";

const NOW = 480_000;
const days = (count: number, rate: (hour: number) => number): HourShare[] =>
  Array.from({ length: count * 24 }, (_, i) => {
    const hour = NOW - count * 24 + i;
    return { hour, k: Math.round(1_000 * rate(hour)), n: 1_000 };
  });

test("says nothing before six hours are known", () => {
  expect(usualRate([], NOW)).toBeNull();
  expect(usualRate(days(1, () => 0.5).slice(-6), NOW)).toBeNull();
  expect(usualRate(days(1, () => 0.5).slice(-7), NOW)).toBe(0.5);
});

test("knows the pattern of the day", () => {
  const daily = (hour: number): number => 0.6 + 0.1 * Math.sin((2 * Math.PI * hour) / 24);
  for (const hour of [NOW, NOW + 6, NOW + 12, NOW + 18])
    expect(usualRate(days(7, daily), hour)).toBeCloseTo(daily(hour), 2);
});

test("takes little pattern out of noise", () => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const hours = days(7, () => 0.6 + 0.1 * random());
  for (let hour = NOW; hour < NOW + 24; hour += 1)
    expect(Math.abs((usualRate(hours, hour) ?? 0) - 0.6)).toBeLessThan(0.03);
});

test("an incident of five hours yesterday, and the present hour, move it little", () => {
  const broken = (hour: number): number => (hour >= NOW - 26 && hour < NOW - 21 ? 0.1 : 0.7);
  expect(usualRate(days(7, broken), NOW)).toBeCloseTo(0.7, 2);
  const now = days(7, (hour) => (hour >= NOW - 1 ? 0 : 0.7));
  expect(usualRate(now, NOW)).toBeCloseTo(0.7, 2);
});

test("knows nothing of later hours", () => {
  const later = days(7, () => 0.7).map((share) => ({ ...share, hour: share.hour + 24 * 7 }));
  expect(usualRate([...days(7, () => 0.4), ...later], NOW)).toBeCloseTo(0.4, 6);
});

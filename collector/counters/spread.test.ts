import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_SPREAD_MS, spread } from "./spread.ts";

const T = 1_764_000_000_000;

it("gives an interval inside one bucket to that bucket", () => {
  expect(spread(7, T + 1_000, T + 9_000)).toEqual([{ atMs: T + 8_999, count: 7 }]);
});

it("gives each bucket its share of the time, and few handshakes to buckets that lie apart", () => {
  expect(spread(15, T + 5_000, T + 20_000)).toEqual([
    { atMs: T + 9_999, count: 5 },
    { atMs: T + 19_999, count: 10 },
  ]);
  expect(spread(3, T, T + 60_000).map(({ atMs }) => (atMs - T + 1) / 10_000)).toEqual([1, 3, 5]);
});

it("puts an interval without length, or one that runs backwards, before its end", () => {
  expect(spread(2, T, T)).toEqual([{ atMs: T - 1, count: 2 }]);
  expect(spread(2, T + 5_000, T)).toEqual([{ atMs: T - 1, count: 2 }]);
});

it("keeps the sum, whole parts and the evenness, whatever the interval", () => {
  const count = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1_000_000_000 }));
  fc.assert(
    fc.property(count, fc.nat(2 * MAX_SPREAD_MS), fc.nat(20_000), (n, lengthMs, offsetMs) => {
      const untilMs = T + offsetMs;
      const beginMs = untilMs - Math.max(1, Math.min(lengthMs, MAX_SPREAD_MS));
      const parts = spread(n, untilMs - lengthMs, untilMs);
      expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(n);
      for (const { atMs, count: got } of parts) {
        expect(atMs >= beginMs && atMs < untilMs && Number.isInteger(got) && got > 0).toBe(true);
        const fromMs = Math.max(beginMs, Math.floor(atMs / 10_000) * 10_000);
        const even = (n * (atMs + 1 - fromMs)) / (untilMs - beginMs);
        expect(Math.abs(got - even)).toBeLessThan(1.001);
      }
      expect(new Set(parts.map(({ atMs }) => Math.floor(atMs / 10_000))).size).toBe(parts.length);
    }),
  );
});

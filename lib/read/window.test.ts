import { expect, it } from "vitest";
import { niceStep, parseMoment, parseStep, parseWindow, stepsOf } from "./window.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 7);

it("reads moments", () => {
  expect(parseMoment("from", "now-15m", NOW)).toBe(NOW - 900_000);
  expect(parseMoment("from", "2026-11-24T12:00:00Z", NOW)).toBe(NOW - 7_000);
  expect(parseMoment("from", String(NOW), NOW)).toBe(NOW);
  expect(parseMoment("from", "1795701600", NOW)).toBe(1_795_701_600_000);
  for (const bad of ["yesterday", "now-", "now-5y", "2026-11-24", ""])
    expect(() => parseMoment("from", bad, NOW)).toThrow(/from must be/);
});

it("reads steps: units, bare seconds, bare milliseconds", () => {
  expect([parseStep("10s"), parseStep("5m"), parseStep("60"), parseStep("60000"), parseStep("3600")]).toEqual(
    [10_000, 300_000, 60_000, 60_000, 3_600_000],
  );
  expect([parseStep("1s"), parseStep("200ms"), parseStep("30000ms")]).toEqual([10_000, 10_000, 30_000]);
  expect(() => parseStep("fast")).toThrow(/step must be/);
});

it("widens a window to whole steps and bounds it", () => {
  const window = parseWindow({ from: "now-1h", to: "now", step: "1m" }, NOW);
  expect([window.fromMs % 60_000, window.toMs % 60_000]).toEqual([0, 0]);
  expect(stepsOf(window).length).toBe(61);
  expect(() => parseWindow({ from: "now", to: "now-1h" }, NOW)).toThrow(/before/);
  expect(() => parseWindow({ from: "now-500d" }, NOW)).toThrow(/400 days/);
  expect(() => parseWindow({ from: "now-300d", step: "1m" }, NOW)).toThrow(/step must be larger/);
});

it("chooses steps for about 300 points", () => {
  expect([3_600_000, 86_400_000, 90 * 86_400_000].map((span) => niceStep(span))).toEqual([
    20_000, 300_000, 43_200_000,
  ]);
});

import { expect, it } from "vitest";
import * as format from "./format.ts";

it("writes the unknown as a dash, never as zero", () => {
  const all = [
    format.formatCount,
    format.formatCompact,
    format.formatPercent,
    format.formatPoints,
    format.formatUs,
  ];
  expect(all.map((write) => write(null))).toEqual(["–", "–", "–", "–", "–"]);
  expect(format.formatValue(null, "ratio")).toBe("–");
  expect(format.formatPercent(0)).toBe("0.0 %");
});

it("writes rates, points and durations with their units", () => {
  expect(format.formatPercent(0.7134)).toBe("71.3 %");
  expect([0.012, -0.4, 0, -0.0003].map(format.formatPoints)).toEqual([
    "+1.2 pt",
    "−40.0 pt",
    "±0.0 pt",
    "±0.0 pt",
  ]);
  expect([999, 1_000, 12_340, 450_000, 2_500_000].map(format.formatUs)).toEqual([
    "999 µs",
    "1.00 ms",
    "12.3 ms",
    "450 ms",
    "2.50 s",
  ]);
  expect(format.formatCount(1_234_567)).toBe("1,234,567");
});

it("writes a time by the zone's clock", () => {
  const ms = Date.UTC(2026, 10, 24, 5, 7, 9);
  expect(format.formatDateTime(ms, "utc")).toBe("2026-11-24 05:07:09");
  expect(format.formatTime(ms, 3_600_000, "utc")).toBe("05:07:09");
  expect(format.formatTime(ms, 7_200_000, "utc")).toBe("05:07");
  expect(format.formatDateTime(ms + format.zoneOffsetMs(ms, "local"), "utc")).toBe(format.formatDateTime(ms));
});

it("writes small shares of a core as such, and none as none", () => {
  const cores = [0, 0.00003, 0.0042, 1.234].map((value) => format.formatValue(value, "cores"));
  expect(cores).toEqual(["0 cores", "< 0.0001 cores", "0.0042 cores", "1.23 cores"]);
});

it("writes moments from another one", () => {
  expect([-600_000, 0, 90_000, 5_400_000, 10_800_000].map(format.formatOffset)).toEqual([
    "−10 min",
    "0",
    "+90 s",
    "+90 min",
    "+3 h",
  ]);
});

it("writes no belief as certain that is not", () => {
  expect([1, 0.9957, 0.984, 0.0043, 0].map(format.formatProbability)).toEqual([
    "100 %",
    "> 99 %",
    "98 %",
    "< 1 %",
    "0 %",
  ]);
});

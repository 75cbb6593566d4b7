import { expect, it } from "vitest";
import type { HeatmapReply, SeriesReply } from "@/lib/contract/read.ts";
import { countStrength, extremesText, prepareLatencyHeat, prepareNodeHeat, thinness } from "./heat.ts";
import { modelCsv } from "./model.ts";

const window = { fromMs: 0, toMs: 120_000, stepMs: 60_000 };
const series = (node: string | null, values: readonly (number | null)[], total: number | null) => ({
  key: { node },
  points: values.map((value, i) => ({ t: i * 60_000, value, count: value === null ? 0 : 10 })),
  total: { value: total, count: 20 },
});
const nodes: SeriesReply = {
  ...window,
  metric: "resume_rate",
  unit: "ratio",
  resolutionMs: 60_000,
  by: ["node"],
  series: [
    series("edge-10", [0.5, 0.25], 0.4),
    series("edge-2", [null, 1], 1),
    series(null, [null, null], null),
  ],
  seriesTotal: 3,
};
const latency: HeatmapReply = {
  ...window,
  metric: "handshake_us",
  unit: "us",
  bins: [
    { from: 500, to: 1_000 },
    { from: 1_000, to: 2_000 },
  ],
  columns: [
    { t: 0, counts: [3, 0], total: 3 },
    { t: 60_000, counts: [0, 4], total: 4 },
  ],
};

it("orders nodes as people count, keeps gaps and names the unknown", () => {
  const { rows, times, table } = prepareNodeHeat(nodes);
  expect(rows.map((row) => row.label)).toEqual(["edge-2", "edge-10", "unknown"]);
  expect(rows[0]).toEqual({ label: "edge-2", cells: [null, 1], counts: [0, 10] });
  expect(times).toEqual([0, 60_000]);
  expect(table.rows.map((row) => row.count)).toEqual([10, 20]);
  expect(table.rows[0]?.values).toEqual({ "edge-2": null, "edge-10": 0.5, unknown: null });
});

it("draws the slowest range on top, empty cells empty, and says the same as a table", () => {
  const { rows, table } = prepareLatencyHeat(latency);
  expect(rows.map((row) => [row.label, row.cells])).toEqual([
    ["2.00 ms", [null, 4]],
    ["1.00 ms", [3, null]],
  ]);
  expect(modelCsv(table).split("\r\n").slice(0, 3)).toEqual([
    "time,500 µs to 1.00 ms,1.00 ms to 2.00 ms,handshakes",
    "1970-01-01T00:00:00.000Z,3,0,3",
    "1970-01-01T00:01:00.000Z,0,4,4",
  ]);
});

it("strengthens with the count and thins without it", () => {
  expect([countStrength(0, 100), countStrength(25, 100), countStrength(100, 100)]).toEqual([0.15, 0.575, 1]);
  expect([thinness(50, 50), thinness(80, 50), thinness(25, 50)]).toEqual([0, 0, 1 / 6]);
  expect(thinness(0, 0)).toBe(0);
});

it("names the extremes, and no node without a rate", () => {
  const text = extremesText(nodes, (value) => `${(value ?? 0) * 100} %`);
  expect(text).toBe("lowest edge-10 40 % of 20, highest edge-2 100 % of 20");
  expect(extremesText({ ...nodes, series: [] }, String)).toBe("");
});

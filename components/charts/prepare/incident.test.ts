import { expect, it } from "vitest";
import type { IncidentReply, Recovery } from "@/lib/contract/read-incidents.ts";
import { contributionRows, dimensionsOf, prepareCourse, prepareRecovery, splitBars } from "./incident.ts";
import { provisionalSpan } from "./model.ts";

const MINUTE = 60_000;
const point = (minute: number, value: number | null, expected: number | null = 0.8) => ({
  t: minute * MINUTE,
  value,
  count: value === null ? 0 : 100,
  low: value === null ? null : value - 0.05,
  high: value === null ? null : value + 0.05,
  expected,
});
const asRate = { label: "Resume rate", unit: "ratio" };

it("draws the course over what was expected; gaps stay gaps", () => {
  const model = prepareCourse([point(1, 0.8), point(2, null), point(3, 0.4)], asRate);
  expect(model).toMatchObject({ fromMs: MINUTE, toMs: 4 * MINUTE, stepMs: MINUTE, unit: "ratio" });
  expect(model?.rows.map(({ values, count }) => [values.rate, values.expected, count])).toEqual([
    [0.8, 0.8, 100],
    [null, 0.8, 0],
    [0.4, 0.8, 100],
  ]);
  expect(model?.rows[1]?.band).toBeNull();
});

it("has nothing to draw where nothing was measured", () => {
  expect(prepareCourse([], asRate)).toBeNull();
  expect(prepareCourse([point(1, null)], asRate)).toBeNull();
});

const recovery: Recovery = {
  basis: "measured",
  fromMs: 0,
  predicted: [0, 10, 20, 30, 200].map((minute) => ({
    t: minute * MINUTE,
    low: minute / 100,
    value: minute / 50,
    high: minute / 25,
  })),
  actual: [0, 5, 10].map((minute) => ({ t: minute * MINUTE, value: minute / 60, count: 50 })),
  eta: { atMs: 20 * MINUTE, lowMs: 18 * MINUTE, highMs: 28 * MINUTE },
  verdict: "as_predicted",
  sentence: "",
};

it("lays the prediction over what happened, and goes on to its expected end", () => {
  const model = prepareRecovery(recovery, "Resume rate");
  expect(model?.rows.map(({ t, values }) => [t / MINUTE, values.rate, values.predicted])).toEqual([
    [0, 0, 0],
    [5, 5 / 60, 0.1],
    [10, 10 / 60, 0.2],
    [20, null, 0.4],
    [30, null, 0.6],
  ]);
  expect(model?.rows[1]?.band).toEqual([0.05, 0.2]);
  expect(model?.band?.label).toBe("predicted");
});

it("shows all that is predicted where no end is, and says that ages are estimated", () => {
  const model = prepareRecovery({ ...recovery, basis: "estimated", eta: null }, "Resume rate");
  expect(model?.rows.at(-1)?.t).toBe(200 * MINUTE);
  expect(model?.columns[0]?.label).toContain("estimated");
  expect(prepareRecovery({ ...recovery, predicted: [] }, "Resume rate")).toBeNull();
});

const lost = (
  dimension: IncidentReply["contributions"][number]["dimension"],
  value: string,
  lostShare: number,
) => ({
  dimension,
  value,
  before: null,
  after: null,
  lost: lostShare * 1_000,
  lostShare,
});
const all = [
  lost("protocol", "TLSv1.3", 1),
  lost("node", "edge-1", -0.02),
  lost("node", "edge-3", 0.96),
  lost("node", "edge-2", 0.06),
  lost("family", "chrome", 0.6),
  lost("family", "safari", 0.4),
];

it("puts first what lost most, and leaves out dimensions that can tell nothing", () => {
  expect(contributionRows(all, "worst").map(({ value }) => value)).toEqual([
    "edge-3",
    "chrome",
    "safari",
    "edge-2",
  ]);
  expect(contributionRows(all, "node").map(({ value }) => value)).toEqual(["edge-3", "edge-2", "edge-1"]);
  expect(contributionRows([lost("node", "only", 1)], "worst").map(({ value }) => value)).toEqual(["only"]);
  expect(dimensionsOf(all)).toEqual([
    { name: "node", values: 3 },
    { name: "family", values: 2 },
    { name: "protocol", values: 1 },
  ]);
});

it("draws losses left and gains right of no change, all bars on one scale", () => {
  const part = (label: string, value: number) => ({ label, value, colour: "" });
  const [first, second] = splitBars([
    [part("offers", -0.1), part("acceptance", -0.2)],
    [part("mix", 0.1), part("rate", -0.2)],
  ]);
  expect(first?.zero).toBeCloseTo(0.75);
  expect(first?.parts.map(({ left, width }) => [left, width].map((x) => Number(x.toFixed(3))))).toEqual([
    [0.5, 0.25],
    [0, 0.5],
  ]);
  expect(second?.parts.map(({ left, width }) => [left, width].map((x) => Number(x.toFixed(3))))).toEqual([
    [0.75, 0.25],
    [0.25, 0.5],
  ]);
  expect(splitBars([[part("mix", 0)]])[0]?.parts[0]?.width).toBe(0);
});

it("washes out what is not over yet, and not what is only predicted", () => {
  const last = { t: 10 * MINUTE, value: 0.1, count: 5, partial: true };
  const model = prepareRecovery(
    { ...recovery, actual: [...recovery.actual.slice(0, 2), last] },
    "Resume rate",
  );
  expect(model && provisionalSpan(model.rows)).toEqual({ fromMs: 5 * MINUTE, toMs: 10 * MINUTE });
});

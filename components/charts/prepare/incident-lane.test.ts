import { expect, it } from "vitest";
import { incidentBars, type LaneIncident } from "./incident-lane.ts";

const window = { fromMs: 0, toMs: 1_000, nowMs: 900 };
const incident = (id: string, onsetMs: number, endMs: number | null, more: Partial<LaneIncident> = {}) => ({
  id,
  headline: id,
  class: "page" as const,
  state: endMs === null ? ("open" as const) : ("resolved" as const),
  onsetMs,
  endMs,
  ...more,
});
const rounded = (share: number): number => Number(share.toFixed(6));
const drawn = (incidents: readonly LaneIncident[]) =>
  incidentBars(incidents, window).bars.map((bar) => [
    bar.incident.id,
    rounded(bar.left),
    rounded(bar.width),
    bar.row,
  ]);

it("reaches from onset to end, and to now while it goes on", () => {
  expect(drawn([incident("over", 100, 300), incident("open", 400, null)])).toEqual([
    ["open", 0.4, 0.5, 0],
    ["over", 0.1, 0.2, 0],
  ]);
});

it("is cut at the window and left out beyond it", () => {
  expect(
    drawn([incident("before", -500, 200), incident("gone", -500, -1), incident("later", 1_000, null)]),
  ).toEqual([["before", 0, 0.2, 0]]);
});

it("stays visible when short, within the axis", () => {
  expect(drawn([incident("short", 998, 999)])).toEqual([["short", 0.98, 0.02, 0]]);
});

it("puts what overlaps into rows, open pages first, and counts what finds no row", () => {
  const info = incident("info", 100, null, { class: "info" });
  const page = incident("page", 200, null);
  expect(drawn([info, page]).map(([id, , , row]) => [id, row])).toEqual([
    ["page", 0],
    ["info", 1],
  ]);
  const many = Array.from({ length: 7 }, (_, i) => incident(`i${i}`, 100 + i, null));
  expect(incidentBars(many, window)).toMatchObject({ rows: 4, left: 3 });
});

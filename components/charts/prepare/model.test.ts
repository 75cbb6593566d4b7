import { expect, it } from "vitest";
import { isolated, joinLines, modelCsv, provisionalSpan, timeTicks, zoomSpan } from "./model.ts";

const window = { fromMs: 0, toMs: 40_000, stepMs: 10_000, unit: "ratio" };
const points = [0, 1, 2, 3].map((i) => ({ t: i * 10_000, value: i === 1 ? null : i / 10, count: i }));
const line = { key: "a", label: "A, b", colour: "c", shape: "line" as const, points };

it("joins lines over one axis, shifts earlier ones, keeps gaps", () => {
  const earlier = {
    ...line,
    key: "e",
    points: points.map((p) => ({ ...p, t: p.t - 86_400_000 })),
    shiftMs: 86_400_000,
  };
  const model = joinLines(window, [line, earlier], points);
  expect(model.rows.map((row) => row.values)).toEqual(points.map((p) => ({ a: p.value, e: p.value })));
  expect([...isolated(model.rows, "a")]).toEqual([0]);
});

it("writes gaps as empty cells and quotes commas", () => {
  const [head, , gap] = modelCsv(joinLines(window, [line], points)).split("\r\n");
  expect(head).toBe('time,"A, b",handshakes');
  expect(gap).toBe("1970-01-01T00:00:10.000Z,,1");
});

it("zooms to whole steps, and not on a click", () => {
  const model = joinLines(window, [line], points);
  expect(zoomSpan(model, 20_000, 0)).toEqual({ fromMs: 0, toMs: 30_000 });
  expect(zoomSpan(model, 10_000, 10_000)).toBeNull();
});

it("has few ticks, all inside", () => {
  const ticks = timeTicks(1_000, 3_601_000, 7);
  expect(ticks.length).toBeLessThanOrEqual(7);
  expect(ticks.every((t) => t >= 1_000 && t <= 3_601_000)).toBe(true);
});

it("puts ticks at round times of the zone", () => {
  const day = Date.UTC(2026, 10, 24);
  expect(timeTicks(day + 1, day + 86_400_000 * 3, 4, "utc")).toEqual(
    [1, 2, 3].map((n) => day + n * 86_400_000),
  );
});

it("tells the stretch whose figures will still move", () => {
  const open = points.map((p) => ({ ...p, partial: p.t === 30_000 }));
  expect(provisionalSpan(joinLines(window, [line], open).rows)).toEqual({ fromMs: 20_000, toMs: 30_000 });
  expect(provisionalSpan(joinLines(window, [line], points).rows)).toBeNull();
});

it("hands no formula of a sender to a spreadsheet, and leaves negative numbers numbers", () => {
  const named = { ...line, label: '=HYPERLINK("x")', points: [{ t: 0, value: -0.5, count: 1 }] };
  const [head, row] = modelCsv(joinLines(window, [named], points.slice(0, 1))).split("\r\n");
  expect(head).toBe(`time,"'=HYPERLINK(""x"")",handshakes`);
  expect(row).toBe("1970-01-01T00:00:00.000Z,-0.5,0");
});

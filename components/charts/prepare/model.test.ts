import { expect, it } from "vitest";
import { isolated, joinLines, modelCsv, timeTicks, zoomSpan } from "./model.ts";

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

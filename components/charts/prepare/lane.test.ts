import { expect, it } from "vitest";
import { laneMarks } from "./lane.ts";

const window = { fromMs: 1_000, toMs: 101_000, apart: 0.015 };
const change = (id: string, atMs: number) => ({ id, atMs, title: id, kind: "reload" });
const ids = (times: readonly number[]) =>
  laneMarks(
    times.map((t, i) => change(`c${i}`, t)),
    window,
  ).map(({ share, changes }) => [share, changes.map((c) => c.id)]);

it("stands where the axis has its time, and leaves out what lies outside", () => {
  expect(ids([1_000, 51_000, 999, 101_000])).toEqual([
    [0, ["c0"]],
    [0.5, ["c1"]],
  ]);
});

it("puts changes that would lie on each other under one mark, earliest first", () => {
  expect(ids([52_000, 51_000, 60_000])).toEqual([
    [0.5, ["c1", "c0"]],
    [0.59, ["c2"]],
  ]);
});

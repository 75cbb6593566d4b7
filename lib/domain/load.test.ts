import { expect, it } from "vitest";
import { headroomOf, LOAD_FRESH_MS } from "./load.ts";

const load = (node: string, cores: number, busyCores: number, atMs = 1_000_000) => ({
  atMs,
  node,
  cores,
  busyCores,
});

it("adds what is free on nodes that told so lately", () => {
  const loads = [load("a", 4, 1), load("b", 4, 5), load("old", 4, 0, 1_000_000 - LOAD_FRESH_MS - 1)];
  expect(headroomOf(loads, { nowMs: 1_000_000, nodes: null })).toEqual({ freeCores: 3, cores: 8, nodes: 2 });
  expect(headroomOf(loads, { nowMs: 1_000_000, nodes: ["b"] })).toEqual({ freeCores: 0, cores: 4, nodes: 1 });
  expect(headroomOf(loads, { nowMs: 1_000_000, nodes: ["c"] })).toBeNull();
  expect(headroomOf([], { nowMs: 1_000_000, nodes: null })).toBeNull();
});

import fc from "fast-check";
import { expect, it } from "vitest";
import type { ObservedGroup } from "../../counters/points.ts";
import { envoyStatsSource } from "../../sources/envoy-stats/source.ts";
import type { Observation } from "../../sources/metric-source.ts";
import { Assembly } from "./assembly.ts";

const part = (atMs: number, totals: Record<string, number>, scope = "listener a"): Observation => ({
  scope,
  atMs,
  endpoint: null,
  node: null,
  region: null,
  protocol: null,
  startedMs: null,
  totals,
  increases: {},
  gauges: {},
});
const group = (...observations: readonly Observation[]): ObservedGroup => ({
  source: envoyStatsSource,
  sender: "edge-1:9901",
  observations,
  refusals: new Map(),
});
const told = (groups: readonly ObservedGroup[]) =>
  groups.flatMap(({ observations }) => observations.map(({ atMs, totals }) => [atMs, totals]));

/** A scope whose names are known: a and b. */
function known(): Assembly {
  const state = {
    source: "envoy-stats",
    sender: "edge-1:9901",
    scope: "listener a",
    atMs: 0,
    startedMs: null,
  };
  return new Assembly([{ ...state, totals: { a: 0, b: 0 } }], 0);
}

it("waits at first until a part comes again, and then for all of them", () => {
  const assembly = new Assembly([], 0);
  const take = (...parts: readonly Observation[]) => told(assembly.take([group(...parts)], 0));
  expect(take(part(1, { a: 1 }))).toEqual([]);
  expect(take(part(1, { b: 1 }))).toEqual([]);
  expect(take(part(2, { a: 2 }))).toEqual([[1, { a: 1, b: 1 }]]);
  expect(take(part(2, { b: 2 }))).toEqual([[2, { a: 2, b: 2 }]]);
});

it("leaves an incomplete moment out where a later one is whole, and takes nothing that comes too late", () => {
  const assembly = known();
  const take = (...parts: readonly Observation[]) => told(assembly.take([group(...parts)], 0));
  expect(take(part(1, { a: 1 }), part(2, { a: 2, b: 2 }))).toEqual([[2, { a: 2, b: 2 }]]);
  expect(take(part(1, { b: 1 }), part(2, { b: 2 }))).toEqual([]);
  expect(take(part(3, { a: 3, b: 3 }))).toEqual([[3, { a: 3, b: 3 }]]);
});

it("waits for a name that joined, from the moment on in which it did", () => {
  const assembly = known();
  const take = (...parts: readonly Observation[]) => told(assembly.take([group(...parts)], 0));
  expect(take(part(1, { a: 1, b: 1 }), part(2, { a: 2, b: 2, c: 1 }))).toHaveLength(2);
  expect(take(part(3, { a: 3, b: 3 }))).toEqual([]);
  expect(take(part(3, { c: 2 }))).toHaveLength(1);
});

it("goes on without a series that has ended, by moments and by the clock", () => {
  const assembly = known();
  const take = (atMs: number, nowMs: number) => told(assembly.take([group(part(atMs, { a: atMs }))], nowMs));
  // A long backlog that comes at once says nothing of the other series.
  for (let atMs = 1; atMs <= 50; atMs += 1) expect(take(atMs, 1_000)).toEqual([]);
  expect(take(51, 299_000)).toEqual([]);
  expect(take(52, 301_000)).toHaveLength(52);
  expect(take(53, 302_000)).toEqual([[53, { a: 53 }]]);
});

it("keeps scopes apart, and a bounded number of moments", () => {
  const assembly = known();
  for (let atMs = 1; atMs <= 1_000; atMs += 1) assembly.take([group(part(atMs, { a: atMs }))], 0);
  assembly.take([group(part(1_000, { b: 1 }, "listener b"))], 0);
  const rest = Array.from({ length: 1_000 }, (_, index) => part(index + 1, { b: index + 1 }));
  const whole = told(assembly.take([group(...rest)], 0));
  expect([whole.length, whole[0]]).toEqual([100, [901, { a: 901, b: 901 }]]);
});

it("tells whole observations only, in order, the newest whenever all parts of it came, however they were cut", () => {
  const names = ["a", "b", "c"];
  const parts = fc
    .tuple(fc.integer({ min: 2, max: 8 }), fc.array(fc.nat(), { minLength: 30, maxLength: 30 }))
    .map(([moments, order]) =>
      Array.from({ length: moments * names.length }, (_, index) => ({
        atMs: 1 + Math.floor(index / names.length),
        name: names[index % names.length] ?? "a",
        key: (order[index % order.length] ?? 0) % 7,
      })).sort((x, y) => x.atMs + x.key / 7 - (y.atMs + y.key / 7)),
    );
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 5 }), (list, size) => {
      const state = { source: "envoy-stats", sender: "edge-1:9901", scope: "listener a", startedMs: null };
      const assembly = new Assembly([{ ...state, atMs: 0, totals: { a: 0, b: 0, c: 0 } }], 0);
      const seen: number[] = [];
      for (let from = 0; from < list.length; from += size) {
        const push = list.slice(from, from + size).map(({ atMs, name }) => part(atMs, { [name]: atMs }));
        for (const [atMs, totals] of told(assembly.take([group(...push)], 0))) {
          expect(totals).toEqual({ a: atMs, b: atMs, c: atMs });
          seen.push(Number(atMs));
        }
      }
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(list.reduce((last, { atMs }) => Math.max(last, atMs), 0));
    }),
  );
});

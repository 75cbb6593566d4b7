/** Reads by one dimension say what their segments add up to: scenarios that every engine of the store port has to pass. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Origin, Result, Segment } from "../../../lib/domain/handshake.ts";
import { Histogram } from "../../../lib/stats/histogram.ts";
import { type Cell, EMPTY_COMMIT, type RollupRow, type WriteStore } from "../../../lib/store/port.ts";
import type { Engine } from "./suite.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 24, 12, 34, 56);
const ORIGINS: readonly Origin[] = [
  { source: "nginx", system: "nginx", vantage: "log" },
  { source: "haproxy-stats", system: "haproxy", vantage: "counters" },
];
const results: readonly Result[] = (["full", "resumed"] as const).map((outcome) => ({
  ...{ outcome, offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null },
}));
const event = fc.record({
  segment: fc.record<Segment>({
    endpoint: fc.constantFrom("shop", "login", null),
    node: fc.constantFrom("n1", "n2", "n3", null),
    region: fc.constantFrom("eu", "us", null),
    family: fc.constantFrom("chrome", "monitor", null),
    protocol: fc.constantFrom("TLSv1.2", "TLSv1.3", null),
  }),
  origin: fc.constantFrom(...ORIGINS.map((_, at) => at), 0, 0),
  result: fc.nat({ max: 1 }),
  agoMs: fc.nat({ max: 3 * HOUR }),
  count: fc.integer({ min: 1, max: 9 }),
  us: fc.integer({ min: 1, max: 100_000 }),
});

type Told = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Runs the scenarios over an engine. */
export function marginalsConformance(make: () => Promise<Engine>): void {
  let engine: Engine;
  let store: WriteStore;
  beforeEach(async () => {
    engine = await make();
    store = await engine.open(() => NOW);
  });
  afterEach(async () => {
    await store.close();
    await engine.destroy();
  });

  const cellOf = (tenant: number, told: Told): Cell => {
    const times = new Histogram();
    times.add(told.us, told.count);
    return {
      bucketStartMs: Math.floor((NOW - told.agoMs) / 10_000) * 10_000,
      segmentId: store.internSegment(tenant, told.segment, ORIGINS[told.origin] as Origin),
      resultId: store.internResult(results[told.result] as Result),
      count: told.count,
      ...{ handshakeUs: times.encode(), ttfbUs: null, ticketAgeS: null },
    };
  };

  describe("rollups by one dimension", () => {
    it.each([MINUTE, HOUR])(
      "add up as their segments do, in steps of %i ms, whenever they are summed",
      async (stepMs) => {
        let tenant = 10;
        await fc.assert(
          fc.asyncProperty(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 4 }), async (rounds) => {
            tenant += 1;
            for (const [round, list] of rounds.entries()) {
              await store.commit(
                tenant,
                { ...EMPTY_COMMIT, cells: list.map((one) => cellOf(tenant, one)) },
                NOW,
              );
              if (round % 2 === 0) await store.compact(NOW + MINUTE);
            }
            for (const dimension of ["endpoint", "node", "region", "family", "protocol"] as const) {
              const query = {
                fromMs: NOW - 4 * HOUR,
                toMs: NOW + MINUTE,
                stepMs,
                histograms: ["handshakeUs"] as const,
              };
              const one = await store.readRollups(tenant, { ...query, by: [dimension] });
              const other = dimension === "node" ? "region" : "node";
              const two = await store.readRollups(tenant, { ...query, by: [dimension, other] });
              expect(summed(one.rows, dimension)).toEqual(summed(two.rows, dimension));
              const [only] = one.rows;
              if (only === undefined) continue;
              const value = only.group[dimension] ?? null;
              const filtered = await store.readRollups(tenant, {
                ...query,
                filter: { [dimension]: [value] },
              });
              const own = one.rows.filter(({ group }) => group[dimension] === value);
              expect(total(filtered.rows)).toBe(total(own));
            }
          }),
          { numRuns: 25 },
        );
      },
    );
  });
}

const total = (rows: readonly RollupRow[]): number => rows.reduce((sum, { count }) => sum + count, 0);

function summed(
  rows: readonly RollupRow[],
  dimension: "endpoint" | "node" | "region" | "family" | "protocol",
) {
  const sums = new Map<string, { count: number; times: Histogram }>();
  for (const row of rows) {
    const key = JSON.stringify([row.bucketStartMs, row.group[dimension], row.outcome, row.excluded]);
    const sum = sums.get(key) ?? { count: 0, times: new Histogram() };
    sum.count += row.count;
    if (row.handshakeUs) sum.times.merge(row.handshakeUs);
    sums.set(key, sum);
  }
  return [...sums].sort().map(([key, { count, times }]) => [key, count, times.sum, times.quantile(0.5)]);
}

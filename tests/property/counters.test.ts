import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Counters } from "../../collector/counters/counters.ts";
import { type Intake, replyOf } from "../../collector/pipeline/intake.ts";
import { haproxyStatsSource } from "../../collector/sources/haproxy-stats/source.ts";
import { findMetricSource } from "../../collector/sources/metric-registry.ts";
import type { Observation } from "../../collector/sources/metric-source.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { CounterState } from "../../lib/store/port.ts";

const BEGIN = 1_764_000_000_000;
const SETTINGS = { maxPastMs: 86_400_000, maxFutureMs: 300_000 };
const key = { source: "haproxy-stats", transport: "scrape", sender: "unix:/run/h.sock" };

/** Where intakes become durable, or do not: what was counted, and the totals kept with it. */
class Disk {
  readonly counted = { full: 0, resumed: 0, failed: 0 };
  readonly states = new Map<string, CounterState>();
  breaches = 0;
  broken = false;

  async submit(intake: Intake) {
    await Promise.resolve();
    if (this.broken) throw new WorldError("disk is full", { retryable: false });
    for (const { outcome, count } of intake.handshakes) if (outcome !== null) this.counted[outcome] += count;
    for (const state of intake.counters) this.states.set(state.scope, state);
    for (const { count } of intake.breaches.values()) this.breaches += count;
    return replyOf(intake);
  }
}

/** A proxy with one frontend, its totals, and what clients did that no reading has told of yet. */
class ProxyModel {
  totals = { ssl_sess: 0, ssl_reused_sess: 0, ssl_failed_handshake: 0 };
  startedMs = BEGIN;

  observe(atMs: number): Observation {
    const place = { scope: "frontend web", endpoint: "web", node: "n", region: null, protocol: null };
    return {
      ...place,
      atMs,
      startedMs: this.startedMs,
      totals: { ...this.totals },
      increases: {},
      gauges: {},
    };
  }
  restart(atMs: number): void {
    this.totals = { ssl_sess: 0, ssl_reused_sess: 0, ssl_failed_handshake: 0 };
    this.startedMs = Math.floor(atMs / 1000) * 1000;
  }
}

const engine = (disk: Disk, clock: () => number) =>
  new Counters({ pipeline: disk, states: [...disk.states.values()], clock, settings: SETTINGS });

const small = fc.nat(50);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("visit" as const), full: small, resumed: small, failed: small }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("scrape" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("scrape again" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("scrape with a full disk" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart the proxy" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart the collector" as const) }) },
);

describe("counters turned into counts", () => {
  it("are what clients did, through restarts of the proxy and of the collector, failed commits and repeats", async () => {
    const run = async (
      steps: readonly { do: string; full?: number; resumed?: number; failed?: number }[],
    ) => {
      let nowMs = BEGIN + 5_000;
      const disk = new Disk();
      const proxy = new ProxyModel();
      let counters = engine(disk, () => nowMs);
      let last = proxy.observe(nowMs);
      const deliver = (observation: Observation) =>
        counters.submit({ source: haproxyStatsSource, key, observations: [observation] });
      await deliver(last);
      const truth = { full: 0, resumed: 0, failed: 0 };
      let unread = { full: 0, resumed: 0, failed: 0 };
      for (const { do: what, full = 0, resumed = 0, failed = 0 } of steps) {
        nowMs += 7_300;
        if (what === "visit") {
          proxy.totals.ssl_sess += full;
          proxy.totals.ssl_reused_sess += resumed;
          proxy.totals.ssl_failed_handshake += failed;
          unread = {
            full: unread.full + full,
            resumed: unread.resumed + resumed,
            failed: unread.failed + failed,
          };
        } else if (what === "scrape") {
          last = proxy.observe(nowMs);
          await deliver(last);
          for (const name of ["full", "resumed", "failed"] as const) truth[name] += unread[name];
          unread = { full: 0, resumed: 0, failed: 0 };
        } else if (what === "scrape again") await Promise.all([deliver(last), deliver(last)]);
        else if (what === "scrape with a full disk") {
          disk.broken = true;
          await expect(deliver(proxy.observe(nowMs))).rejects.toThrow("disk is full");
          disk.broken = false;
        } else if (what === "restart the proxy") {
          // What was not read is gone with the old process; nobody can know of it.
          unread = { full: 0, resumed: 0, failed: 0 };
          proxy.restart(nowMs);
        } else counters = engine(disk, () => nowMs);
      }
      expect(disk.counted).toEqual(truth);
      expect(disk.breaches).toBe(0);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 300 });
  });

  it("count a reading once, however many deliveries of it are under way at once", async () => {
    const disk = new Disk();
    const proxy = new ProxyModel();
    const counters = engine(disk, () => BEGIN);
    const deliver = (observation: Observation) =>
      counters.submit({ source: haproxyStatsSource, key, observations: [observation] });
    await deliver(proxy.observe(BEGIN));
    proxy.totals.ssl_sess = 9;
    const reading = proxy.observe(BEGIN + 15_000);
    const replies = await Promise.all([deliver(reading), deliver(reading), deliver(reading)]);
    expect(disk.counted.full).toBe(9);
    expect(replies.map(({ accepted }) => accepted)).toEqual([2, 1, 1]);
  });

  it("count a reading that is cut into parts as the whole, in any order, cut alike each time or not", async () => {
    const names = ["handshake", "session_reused", "connection_error", "fail_verify_san"] as const;
    const source = findMetricSource("envoy-stats");
    if (!source) throw new Error("no source envoy-stats");
    const visit = fc.record({ full: small, resumed: small, failed: small, unverified: small });
    const reading = fc.record({
      visit,
      restarts: fc.boolean(),
      order: fc.shuffledSubarray([...names], { minLength: 4 }),
      cuts: fc.subarray([1, 2, 3]),
      repeats: fc.boolean(),
    });
    const run = async (readings: readonly (typeof reading extends fc.Arbitrary<infer T> ? T : never)[]) => {
      const disk = new Disk();
      let nowMs = BEGIN;
      const counters = engine(disk, () => nowMs);
      const truth = { full: 0, resumed: 0, failed: 0 };
      let totals = { handshake: 70, session_reused: 40, connection_error: 5, fail_verify_san: 1 };
      let startedMs = BEGIN - 900_000;
      for (const [index, { visit: came, restarts, order, cuts, repeats }] of readings.entries()) {
        nowMs += 15_000;
        if (restarts && index > 0) {
          totals = { handshake: 0, session_reused: 0, connection_error: 0, fail_verify_san: 0 };
          startedMs = nowMs - 9_000;
        }
        totals.handshake += came.full + came.resumed;
        totals.session_reused += came.resumed;
        totals.connection_error += came.failed;
        totals.fail_verify_san += came.unverified;
        const bounds = [0, ...cuts, order.length];
        const parts = bounds.slice(1).map((end, part) => order.slice(bounds[part], end));
        const place = { scope: "listener web", endpoint: "web", node: "n", region: null, protocol: null };
        for (const part of repeats ? [...parts, ...parts] : parts) {
          const some = Object.fromEntries(part.map((name) => [name, totals[name]]));
          const observation = { ...place, atMs: nowMs, startedMs, totals: some, increases: {}, gauges: {} };
          await counters.submit({
            source,
            key: { ...key, source: source.name },
            observations: [observation],
          });
        }
        if (index === 0) continue;
        truth.full += came.full;
        truth.resumed += came.resumed;
        truth.failed += came.failed + came.unverified;
      }
      expect(disk.counted).toEqual(truth);
      expect(disk.breaches).toBe(0);
    };
    await fc.assert(fc.asyncProperty(fc.array(reading, { maxLength: 8 }), run), { numRuns: 500 });
  });

  it("count a delivery with several moments in their order, whichever came first in it", async () => {
    const disk = new Disk();
    const proxy = new ProxyModel();
    const counters = engine(disk, () => BEGIN + 60_000);
    const readings = [0, 15_000, 30_000, 45_000].map((afterMs) => {
      proxy.totals.ssl_reused_sess += 4;
      return proxy.observe(BEGIN + afterMs);
    });
    await counters.submit({ source: haproxyStatsSource, key, observations: readings.reverse() });
    expect(disk.counted.resumed).toBe(12);
  });
});

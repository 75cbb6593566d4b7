import { describe, expect, it } from "vitest";
import type { Intake } from "../pipeline/intake.ts";
import { findMetricSource } from "../sources/metric-registry.ts";
import type { Observation } from "../sources/metric-source.ts";
import { countDelivery } from "./counting.ts";
import { Senders } from "./senders.ts";

const T = 1_764_000_000_000;
const WINDOW = { nowMs: T, maxPastMs: 86_400_000, maxFutureMs: 300_000 };

/** A sender whose deliveries always become durable. */
class Sending {
  readonly #senders = new Senders([]);
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  send(...told: (Partial<Observation> & Pick<Observation, "atMs">)[]): Intake {
    const source = findMetricSource(this.#name);
    if (!source) throw new Error(`no source ${this.#name}`);
    const rest = { endpoint: null, node: "edge-1", region: null, protocol: null, startedMs: null };
    const observations = told.map((one) => ({
      scope: "web",
      ...rest,
      totals: {},
      increases: {},
      gauges: {},
      ...one,
    }));
    const key = { source: this.#name, transport: "scrape", sender: "edge-1:9901" };
    const intake = countDelivery({ source, key, observations }, this.#senders, WINDOW);
    this.#senders.keep(intake.counters);
    return intake;
  }
}

const countsOf = ({ handshakes }: Intake): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome, count } of handshakes)
    counts[String(outcome)] = (counts[String(outcome)] ?? 0) + count;
  return counts;
};

describe("a reading that was cut in two", () => {
  it("counts as one, whichever part comes first, and once", () => {
    const envoy = new Sending("envoy-stats");
    envoy.send({ atMs: T - 30_000, totals: { handshake: 100, session_reused: 50 } });
    const first = envoy.send({ atMs: T - 15_000, totals: { session_reused: 57 } });
    expect([countsOf(first), first.counters]).toEqual([{}, []]);
    expect(countsOf(envoy.send({ atMs: T - 15_000, totals: { handshake: 110 } }))).toEqual({
      full: 3,
      resumed: 7,
    });
    const again = envoy.send({ atMs: T - 15_000, totals: { session_reused: 57 } });
    expect([again.ignored, countsOf(again), again.rejected]).toEqual([1, {}, 0]);
    const next = envoy.send({ atMs: T, totals: { handshake: 111, session_reused: 58 } });
    expect([countsOf(next), next.rejected]).toEqual([{ resumed: 1 }, 0]);
  });

  it("is told when the other part never comes, and is made up for by the next", () => {
    const envoy = new Sending("envoy-stats");
    envoy.send({ atMs: T - 30_000, totals: { handshake: 100, session_reused: 50 } });
    envoy.send({ atMs: T - 15_000, totals: { handshake: 110 } });
    const next = envoy.send({ atMs: T, totals: { handshake: 120, session_reused: 60 } });
    expect(next.errors).toEqual([{ index: 0, reason: "session_reused was missing in the reading before" }]);
    expect(countsOf(next)).toEqual({ full: 10, resumed: 10 });
  });

  it("is never taken for full handshakes only, where resumed ones are not told at all", () => {
    const envoy = new Sending("envoy-stats");
    for (const [step, handshake] of [100, 110, 120].entries())
      expect(countsOf(envoy.send({ atMs: T - 30_000 + step * 10_000, totals: { handshake } }))).toEqual({});
  });
});

describe("changes that counters show", () => {
  const haproxy = (full: number) => ({ ssl_sess: full, ssl_reused_sess: full });

  it("a restart at the time that the process tells, once for all its frontends", () => {
    const sending = new Sending("haproxy-stats");
    const readings = (atMs: number, startedMs: number, full: number) =>
      ["web", "api"].map((scope) => ({ scope, atMs, startedMs, totals: haproxy(full) }));
    expect(sending.send(...readings(T - 15_000, T - 900_000, 100)).changes).toEqual([]);
    expect(sending.send(...readings(T, T - 6_000, 3)).changes).toEqual([
      {
        id: `haproxy-stats edge-1:9901 began ${T - 6_000}`,
        kind: "reload",
        atMs: T - 6_000,
        endMs: null,
        endpoint: null,
        node: "edge-1",
        region: null,
        title: "haproxy was restarted or reloaded",
        detail: null,
        ref: null,
        actor: null,
      },
    ]);
  });

  it("a restart between two readings, where the time of the start is not told", () => {
    const sending = new Sending("apache-status");
    const totals = { CacheRetrieveHitCount: 5, CacheRetrieveMissCount: 1 };
    sending.send({ atMs: T - 15_000, totals: { ...totals, ParentServerConfigGeneration: 1 } });
    const intake = sending.send({ atMs: T, totals: { ...totals, ParentServerConfigGeneration: 2 } });
    expect(intake.changes).toMatchObject([{ kind: "reload", atMs: T - 15_000, endMs: T, node: "edge-1" }]);
    expect(intake.caches).toMatchObject([
      { atMs: T - 14_999, hits: 0, misses: 0, entries: null },
      { atMs: T, hits: 5, misses: 1 },
    ]);
  });

  it("a renewal of ticket keys that Traffic Server counts", () => {
    const sending = new Sending("ats-stats");
    const zero = { total_success_handshake_count_in: 0, total_tickets_verified: 0, ssl_session_cache_hit: 0 };
    sending.send({ atMs: T - 15_000, totals: { ...zero, total_ticket_keys_renewed: 1 } });
    expect(
      sending.send({ atMs: T, totals: { ...zero, total_ticket_keys_renewed: 2 } }).changes,
    ).toMatchObject([
      { kind: "key_rotation", atMs: T - 15_000, endMs: T, title: "Traffic Server renewed its ticket keys" },
    ]);
    expect(sending.send({ atMs: T + 1, totals: { ...zero, total_ticket_keys_renewed: 2 } }).changes).toEqual(
      [],
    );
  });
});

describe("what is refused", () => {
  it("times that are none of now, and names that cannot be kept", () => {
    const sending = new Sending("haproxy-stats");
    const totals = { ssl_sess: 1, ssl_reused_sess: 1 };
    const intake = sending.send(
      { atMs: T + 600_000, totals },
      { atMs: T, totals, endpoint: "x".repeat(300) },
      { atMs: T, totals, scope: "line\nbreak" },
      { atMs: T, totals, scope: "fine" },
    );
    expect(intake.errors.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(intake.counters.map(({ scope }) => scope)).toEqual(["fine"]);
  });

  it("more frontends of one sender than can be", () => {
    const sending = new Sending("haproxy-stats");
    const many = Array.from({ length: 5_010 }, (_, n) => ({
      atMs: T,
      scope: `frontend ${n}`,
      totals: { ssl_sess: n },
    }));
    const both = many.map((one) => ({ ...one, totals: { ssl_sess: 1, ssl_reused_sess: 1 } }));
    const intake = sending.send(...both);
    expect([intake.counters.length, intake.rejected]).toEqual([5_000, 10]);
  });

  it("but new ones in place of those that are gone for an hour", () => {
    const sending = new Sending("haproxy-stats");
    const totals = { ssl_sess: 1, ssl_reused_sess: 1 };
    const of = (atMs: number, name: string) =>
      sending.send(...Array.from({ length: 3_000 }, (_, n) => ({ atMs, scope: `${name} ${n}`, totals })));
    const rejected = [of(T - 7_200_000, "old"), of(T, "new"), of(T + 1, "newer")].map(
      (intake) => intake.rejected,
    );
    expect(rejected).toEqual([0, 0, 1_000]);
  });

  it("cache figures that are no whole numbers", () => {
    const sending = new Sending("redis");
    const totals = { keyspace_hits: 1.5, keyspace_misses: 1 };
    expect(sending.send({ atMs: T, totals, gauges: { keys: 3 } }).caches).toEqual([]);
  });
});

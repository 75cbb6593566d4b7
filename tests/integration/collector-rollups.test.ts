import { afterEach, describe, expect, it } from "vitest";
import { Histogram } from "../../lib/stats/histogram.ts";
import { push, startCollector, type TestCollector, totalsOf } from "../support/collector.ts";

let collector: TestCollector;
afterEach(() => collector.destroy());

const bucketMs = (): number => Math.floor(Date.now() / 10_000) * 10_000;
const histogram = (...values: number[]): string => {
  const made = new Histogram();
  for (const value of values) made.add(value);
  return Buffer.from(made.encode()).toString("base64");
};
const row = (more: object = {}) => ({
  bucketStartMs: bucketMs(),
  endpoint: "shop.example",
  node: "edge-1",
  protocol: "TLSv1.3",
  outcome: "full",
  count: 3,
  handshakeUs: histogram(900, 1_100, 40_000),
  ...more,
});
const url = (query = "source=nginx&node=edge-1&via=agent"): string => `${collector.url}/v1/rollups?${query}`;

describe("a push of rollups", () => {
  it("adds up with everything else, histograms too, under its source and transport", async () => {
    collector = await startCollector();
    const newest = Date.now() - 1_000;
    const { status, body } = await push(url(`source=nginx&node=edge-1&via=agent&newest=${newest}`), [
      row(),
      row({ outcome: "resumed", mechanism: "psk", count: 5, handshakeUs: null }),
      row({ count: 1, handshakeUs: histogram(7) }),
    ]);
    expect([status, body]).toEqual([200, { accepted: 3, rejected: 0, duplicate: 0, errors: [] }]);
    expect(await totalsOf(collector)).toEqual({ full: 4, resumed: 5 });
    const { rows } = await collector.store.readRollups(1, {
      fromMs: bucketMs() - 60_000,
      toMs: bucketMs() + 60_000,
      stepMs: 10_000,
      outcomes: ["full"],
      histograms: ["handshakeUs"],
    });
    const merged = rows.reduce((sum, r) => sum.merge(r.handshakeUs ?? new Histogram()), new Histogram());
    expect([merged.count, merged.sum]).toEqual([4, 42_007]);
    const sources = await collector.store.readSources(1);
    expect(sources).toMatchObject([
      {
        source: "nginx",
        transport: "agent",
        sender: "edge-1",
        accepted: 9,
        rejected: 0,
        lastEventMs: newest,
      },
    ]);
  });

  it("refuses line by line what cannot be true, and says why", async () => {
    collector = await startCollector();
    const off = Buffer.from([9, 1, 2]).toString("base64");
    const twice = Buffer.from(new Histogram().encode()).toString("base64");
    const shortened = histogram(900, 1_100, 40_000).slice(0, -4);
    const lines = [
      row(),
      row({ bucketStartMs: bucketMs() + 1 }),
      row({ bucketStartMs: bucketMs() + 3_600_000 }),
      row({ outcome: undefined }),
      row({ outcome: "full", mechanism: "psk" }),
      row({ count: 2 }),
      row({ handshakeUs: "???" }),
      row({ handshakeUs: off }),
      row({ handshakeUs: twice }),
      row({ handshakeUs: shortened }),
      row({ endpoint: "a\u0000b" }),
      row({ count: 0 }),
    ];
    const { body } = await push(url(), lines);
    expect([body.accepted, body.rejected]).toEqual([1, 11]);
    expect(body.errors.map(({ index, reason }) => [index, reason])).toEqual([
      [1, expect.stringContaining("bucketStartMs")],
      [2, "ts lies more than 300 s in the future"],
      [3, expect.stringContaining("outcome")],
      [4, 'mechanism is given but outcome is "full"'],
      [5, "handshakeUs holds 3 observations, more than the count 2"],
      [6, "handshakeUs: base64 is expected"],
      [7, "handshakeUs cannot be read: histogram layout 9 is not known"],
      [8, "handshakeUs holds no observation"],
      [9, expect.stringMatching(/^handshakeUs /)],
      [10, "endpoint holds characters that do not show"],
      [11, expect.stringContaining("count")],
    ]);
    expect(await totalsOf(collector)).toEqual({ full: 3 });
  });

  it("reports what the sender refused, broken invariants and samples without counting them", async () => {
    collector = await startCollector();
    const reports = [
      { refused: "not JSON", count: 41, sample: "garb…" },
      { breach: "psk_needs_tls13", count: 2, detail: "psk needs TLSv1.3" },
      { change: { id: "reload-1", ts: Date.now(), kind: "reload", title: "nginx reloaded" } },
      { cache: { ts: Date.now(), node: "edge-1", hits: 5, misses: 1 } },
      { change: { kind: "dance", ts: Date.now(), title: "x" } },
      { sample: { ts: Date.now(), outcome: "failed", alert: "no shared cipher", endpoint: "shop.example" } },
    ];
    const { status, body } = await push(url(), reports);
    expect([status, body.accepted, body.rejected]).toEqual([200, 5, 1]);
    const [source] = await collector.store.readSources(1);
    expect(source).toMatchObject({ accepted: 2, rejected: 42 });
    expect(source?.rejections).toContainEqual(
      expect.objectContaining({ reason: "not JSON", count: 41, sample: "garb…" }),
    );
    expect(source?.breaches).toMatchObject([{ invariant: "psk_needs_tls13", count: 2 }]);
    expect(await totalsOf(collector)).toEqual({});
    const window = { fromMs: bucketMs() - 60_000, toMs: bucketMs() + 60_000, limit: 10 };
    const changes = await collector.store.readChanges(1, window);
    expect(changes.map(({ id, via }) => [id, via])).toEqual([["reload-1", "nginx"]]);
    const samples = await collector.store.readSamples(1, window);
    expect(samples.map(({ sampleKind }) => sampleKind)).toEqual(["failed:no shared cipher"]);
  });

  it("keeps no address that a sender left in its reports, and no table of its making", async () => {
    collector = await startCollector();
    const reports = Array.from({ length: 200 }, (_, i) => ({
      refused: `reason ${"x".repeat(i % 150)}`,
      count: 1,
    }));
    await push(url(), [
      { refused: "not JSON", count: 1, sample: "client 203.0.113.7 said a1b2c3d4e5f60718293a4b5c6d7e8f90" },
      { breach: "psk_needs_tls13", count: 2, detail: "seen from 203.0.113.7" },
      ...reports,
    ]);
    const [source] = await collector.store.readSources(1);
    expect(source?.rejected).toBe(201);
    expect(source?.rejections).toHaveLength(50);
    expect(source?.rejections).toContainEqual(expect.objectContaining({ sample: "client x.x.x.x said …" }));
    expect(source?.breaches).toMatchObject([{ count: 2, detail: "seen from x.x.x.x" }]);
  });

  it("counts once by key, keeps to the segment cap, and knows its source", async () => {
    collector = await startCollector({ maxSegmentsPerSource: 2 });
    const headers = { "idempotency-key": "r-1" };
    const lines = Array.from({ length: 5 }, (_, i) => row({ endpoint: `e${i}`, handshakeUs: null }));
    const body = lines.map((line) => JSON.stringify(line)).join("\n");
    expect((await push(url(), body, headers)).body).toMatchObject({ accepted: 5, duplicate: 0 });
    expect((await push(url(), body, headers)).body).toMatchObject({ accepted: 0, duplicate: 5 });
    expect((await push(url(), [row()], headers)).status).toBe(409);
    expect(await totalsOf(collector)).toEqual({ full: 15 });
    expect(await collector.store.readSources(1)).toMatchObject([{ accepted: 15, overflowed: 9 }]);
    expect((await push(url("source=nothing"), [row()])).status).toBe(404);
    expect((await push(url("source=nginx&vantage=guess"), [row()])).status).toBe(400);
    expect((await push(url("source=unknown"), [row()])).status).toBe(422);
    expect((await push(url("source=nginx&vantage=counters"), [row()])).status).toBe(404);
    expect((await push(url("source=haproxy-stats&vantage=counters"), [row()])).status).toBe(200);
    const coverage = await collector.store.readCoverage(1);
    expect(coverage.map(({ system, vantage }) => [system, vantage])).toContainEqual(["haproxy", "counters"]);
  });
});

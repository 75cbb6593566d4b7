import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { push, startCollector, type TestCollector, totalsOf } from "../support/collector.ts";

let collector: TestCollector;
afterEach(() => collector.destroy());
const event = (more: object = {}) => ({
  ts: Date.now(),
  outcome: "resumed",
  endpoint: "shop.example",
  ...more,
});

describe("a push", () => {
  it("is counted before it is answered", async () => {
    collector = await startCollector();
    const { status, body } = await push(`${collector.url}/v1/handshakes`, [
      event(),
      event({ outcome: "full" }),
    ]);
    expect([status, body]).toEqual([200, { accepted: 2, rejected: 0, duplicate: 0, errors: [] }]);
    expect(await totalsOf(collector)).toEqual({ resumed: 1, full: 1 });
  });

  it("with one bad line in 10,000 loses that line only, and says which and why", async () => {
    collector = await startCollector();
    const lines = Array.from({ length: 10_000 }, () => JSON.stringify(event()));
    lines[6] = '{"ts": 17, "outcome"';
    const { body } = await push(`${collector.url}/v1/handshakes`, lines.join("\n"));
    expect(body).toEqual({
      accepted: 9_999,
      rejected: 1,
      duplicate: 0,
      errors: [{ index: 6, reason: "not JSON" }],
    });
    expect(await totalsOf(collector)).toEqual({ resumed: 9_999 });
  });

  it("names the allowed values, and refuses times far away", async () => {
    collector = await startCollector();
    const { status, body } = await push(`${collector.url}/v1/handshakes`, [
      event({ protocol: "TLS9" }),
      event({ outcome: "maybe" }),
      event({ ts: Date.now() + 3_600_000 }),
      event({ ts: 5 }),
      event({ ts: "2026-01-01" }),
      event({ outcome: "full", mechanism: "psk" }),
      event({ ts: new Date().toISOString() }),
    ]);
    expect(status).toBe(200);
    expect(body.errors.map((e) => [e.index, e.reason])).toEqual([
      [0, 'protocol must be one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, not "TLS9"'],
      [1, 'outcome must be one of full, resumed, failed, not "maybe"'],
      [2, "ts lies more than 300 s in the future"],
      [3, "ts lies more than 400 days in the past"],
      [4, expect.stringContaining("RFC 3339")],
      [5, 'mechanism is given but outcome is "full"'],
    ]);
  });

  it("may be gzip, zstd, an array or one object", async () => {
    collector = await startCollector();
    const url = `${collector.url}/v1/handshakes`;
    const text = JSON.stringify(event());
    const replies = [
      await push(url, gzipSync(text), { "content-encoding": "gzip" }),
      await push(url, zstdCompressSync(text), { "content-encoding": "zstd" }),
      await push(url, JSON.stringify([event(), event()])),
      await push(url, JSON.stringify(event(), null, 2)),
    ];
    expect(replies.map(({ status, body }) => [status, body.accepted])).toEqual([
      [200, 1],
      [200, 1],
      [200, 2],
      [200, 1],
    ]);
    expect(await totalsOf(collector)).toEqual({ resumed: 5 });
  });

  it("gets the right refusal as a whole", async () => {
    collector = await startCollector({ maxBodyBytes: 2_000 });
    const url = `${collector.url}/v1/handshakes`;
    const status = async (...call: Parameters<typeof push>) => (await push(...call)).status;
    expect(await status(url, "  \n ")).toBe(400);
    expect(await status(url, "[1, 2")).toBe(400);
    expect(await status(url, "x".repeat(3_000))).toBe(413);
    expect(await status(url, "x", { "content-encoding": "br" })).toBe(415);
    expect(await status(url, "x", { "content-encoding": "gzip" })).toBe(400);
    expect(await status(url, "x", { "content-type": "multipart/form-data" })).toBe(415);
    expect(await status(url, [event({ outcome: "x" })])).toBe(422);
    expect(await status(`${collector.url}/v1/nothing`, "x")).toBe(404);
    expect((await push(`${collector.url}/v1/lines/apache3`, "x")).body.error).toContain(
      "nginx, haproxy, caddy,",
    );
    expect((await fetch(url)).status).toBe(405);
    expect(await totalsOf(collector)).toEqual({});
  });

  it("that is a bomb costs a bounded amount of memory", async () => {
    collector = await startCollector({ maxInflatedBytes: 8 * 1024 * 1024 });
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024), { level: 9 });
    const before = process.memoryUsage().rss;
    const { status } = await push(`${collector.url}/v1/handshakes`, bomb, { "content-encoding": "gzip" });
    expect(status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it("to a strange path, with HEAD or a bomb beyond any honest ratio is answered, not taken", async () => {
    collector = await startCollector();
    const head = await fetch(`${collector.url}/healthz`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${collector.url}/healthz`, { method: "POST" })).headers.get("allow")).toBe(
      "GET, HEAD",
    );
    for (const node of ["n".repeat(254), "edge%001"])
      expect((await push(`${collector.url}/v1/lines/nginx?node=${node}`, "x")).status).toBe(400);
    for (const path of ["//", "/v1/lines/%ff", "/v1/lines/"])
      expect((await fetch(`${collector.url}${path}`, { method: "POST", body: "x" })).status).toBe(404);
    const bomb = gzipSync(Buffer.alloc(30 * 1024 * 1024, 0x20));
    const gzip = { "content-encoding": "gzip" };
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => push(`${collector.url}/v1/handshakes`, bomb, gzip)),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([413]));
    expect(replies[0]?.body.error).toMatch(/400 times decompressed/);
  });

  it("with an Idempotency-Key counts once: at once, later, and after a restart; other bytes are a conflict", async () => {
    collector = await startCollector();
    const url = `${collector.url}/v1/handshakes`;
    const lines = [event(), event(), { bad: true }].map((item) => JSON.stringify(item)).join("\n");
    const headers = { "idempotency-key": "k-1" };
    const replies = await Promise.all(Array.from({ length: 10 }, () => push(url, lines, headers)));
    expect(replies.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(2);
    expect(replies.reduce((sum, { body }) => sum + body.duplicate, 0)).toBe(18);
    expect((await push(url, [event()], headers)).status).toBe(409);
    await collector.close();
    const again = await startCollector({ dataDir: collector.dataDir });
    const { body } = await push(`${again.url}/v1/handshakes`, lines, headers);
    expect([body.accepted, body.duplicate, body.rejected]).toEqual([0, 2, 1]);
    expect(await totalsOf(again)).toEqual({ resumed: 2 });
    await again.close();
  });

  it("is put off with 429 and Retry-After while too much waits", async () => {
    collector = await startCollector({ maxQueuedEvents: 100 });
    const url = `${collector.url}/v1/handshakes`;
    const many = Array.from({ length: 3_000 }, () => event());
    const replies = await Promise.all(Array.from({ length: 12 }, () => push(url, many)));
    const late = replies.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(0);
    expect(late.every(({ headers }) => headers.get("retry-after") === "1")).toBe(true);
    const accepted = replies.reduce((sum, { body }) => sum + (body.accepted ?? 0), 0);
    expect(await totalsOf(collector)).toEqual({ resumed: accepted });
    expect((await push(url, [event()])).status).toBe(200);
  });

  it("that makes too many segments is counted under (other), and the source says so", async () => {
    collector = await startCollector({ maxSegmentsPerSource: 20 });
    const many = Array.from({ length: 500 }, (_, i) => event({ endpoint: `random-${i}` }));
    await push(`${collector.url}/v1/handshakes`, many);
    const [source] = await collector.store.readSources(1);
    expect(source).toMatchObject({ accepted: 500, overflowed: 480 });
    const nowMs = Date.now();
    const segments = await collector.store.readSegments(1, {
      fromMs: nowMs - 600_000,
      toMs: nowMs + 60_000,
      limit: 100,
    });
    expect(segments.length).toBe(21);
    expect(segments[0]).toMatchObject({ endpoint: "(other)", handshakes: 480 });
  });

  it("keeps no raw ticket, session id or client address", async () => {
    collector = await startCollector();
    const secret = { ticketId: "TICKETSECRET", client: "203.0.113.77", keyName: "KEYNAMESECRET" };
    await push(`${collector.url}/v1/handshakes`, [
      event({ outcome: "failed", alert: "unknown_ca", ...secret }),
    ]);
    await push(`${collector.url}/v1/handshakes`, "garbage from 203.0.113.77\n");
    const nowMs = Date.now();
    const samples = await collector.store.readSamples(1, {
      fromMs: nowMs - 60_000,
      toMs: nowMs + 60_000,
      limit: 10,
    });
    expect(samples[0]?.handshake.client).toMatch(/^[0-9a-f]{16}$/);
    const text = JSON.stringify([samples, await collector.store.readSources(1)]);
    for (const value of Object.values(secret)) expect(text).not.toContain(value);
  });

  it("changes and caches: accepted, once by id, and in the collector's own metrics", async () => {
    collector = await startCollector();
    const change = { id: "deploy-7", ts: Date.now(), kind: "deploy", title: "v7" };
    await push(`${collector.url}/v1/changes`, [change, change, { ...change, id: null, kind: "dance" }]);
    const nowMs = Date.now();
    const window = { fromMs: nowMs - 60_000, toMs: nowMs + 60_000, limit: 10 };
    expect((await collector.store.readChanges(1, window)).map((c) => [c.id, c.via])).toEqual([
      ["deploy-7", "native"],
    ]);
    const cache = { ts: Date.now(), node: "edge-1", hits: 5, misses: 1 };
    expect((await push(`${collector.url}/v1/caches`, [cache])).body.accepted).toBe(1);
    expect(await collector.store.readCaches(1, window)).toMatchObject([
      { hits: 5, misses: 1, evictions: null },
    ]);
    const metrics = await (await fetch(`${collector.url}/metrics`)).text();
    expect(metrics).toMatch(/reprise_ingest_events_total\{source="native",result="accepted"\} 3/);
    expect(metrics).toContain("reprise_commit_seconds_bucket");
  });
});

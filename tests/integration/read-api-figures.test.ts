import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type SeriesReply,
  seriesParams,
  seriesReply,
  summaryParams,
  summaryReply,
} from "../../lib/contract/read.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { readEffect } from "../../lib/read/effect.ts";
import { readHeatmap } from "../../lib/read/heatmap.ts";
import { readChangeList, readSegmentList } from "../../lib/read/lists.ts";
import { readSeries } from "../../lib/read/series.ts";
import { readSummary } from "../../lib/read/summary.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 12, 0, 5);
const T = Date.UTC(2026, 10, 24, 11, 30);

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
});
afterEach(() => fleet.destroy());

const series = async (query: Record<string, string>): Promise<SeriesReply> => {
  const params = seriesParams.parse({ from: "now-1h", step: "1m", ...query });
  return seriesReply.parse(await readSeries(fleet.reader, 1, { params, nowMs: NOW }));
};
const summary = async (query: Record<string, string> = {}) =>
  summaryReply.parse(
    await readSummary(fleet.reader, 1, {
      params: summaryParams.parse({ from: "now-1h", ...query }),
      nowMs: NOW,
    }),
  );
const tileOf = async (id: string, query: Record<string, string> = {}) =>
  (await summary(query)).tiles.find((tile) => tile.id === id);

/** 60 psk and 10 ticket resumed, 20 full after a refused psk, 10 full without an offer, 5 failed, 100 of a bot. */
const MIXED: readonly Told[] = [
  { atMs: T, outcome: "resumed", mechanism: "psk", offer: "psk", count: 60, us: 1_000 },
  {
    atMs: T,
    outcome: "resumed",
    mechanism: "ticket",
    offer: "ticket",
    count: 10,
    us: 1_500,
    protocol: "TLSv1.2",
  },
  { atMs: T, outcome: "full", offer: "psk", reason: "unknown_key", count: 20, us: 9_000 },
  { atMs: T, outcome: "full", offer: "none", count: 10, us: 9_000 },
  { atMs: T, outcome: "failed", count: 5 },
  { atMs: T, outcome: "full", offer: "none", family: "bot", count: 100, us: 50_000 },
];

describe("series", () => {
  it("has every step of the window; silence is a gap, and each point carries its count", async () => {
    await fleet.tell(MIXED);
    const {
      series: [r],
      ...reply
    } = await series({ metric: "resume_rate" });
    expect([reply.stepMs, reply.resolutionMs, r?.points.length]).toEqual([MINUTE, MINUTE, 61]);
    const said = r?.points.filter((point) => point.value !== null);
    expect(said).toEqual([
      { t: T, value: 0.7, count: 100, low: expect.closeTo(0.604, 2), high: expect.closeTo(0.781, 2) },
    ]);
    expect(r?.points.find((point) => point.t === T + MINUTE)).toEqual({
      t: T + MINUTE,
      value: null,
      count: 0,
    });
    expect(r?.points.filter((point) => point.partial).map((point) => point.t)).toEqual([NOW - 5_000]);
    expect(r?.total).toEqual({ value: 0.7, count: 100 });
  });

  it("counts everybody, bots too; rates leave bots out unless they are asked for by name", async () => {
    await fleet.tell(MIXED);
    const totals = async (query: Record<string, string>) =>
      (await series(query)).series.map((s) => s.total.value);
    expect(await totals({ metric: "handshakes" })).toEqual([205]);
    expect(await totals({ metric: "full" })).toEqual([130]);
    expect(await totals({ metric: "failed" })).toEqual([5]);
    expect(await totals({ metric: "failure_rate" })).toEqual([5 / 105]);
    expect(await totals({ metric: "resume_rate", family: "bot" })).toEqual([0]);
  });

  it("knows O and A only where offers are seen", async () => {
    await fleet.tell([...MIXED, { atMs: T, outcome: "resumed", endpoint: "blind", count: 900 }]);
    const totals = async (query: Record<string, string>) => (await series(query)).series.map((s) => s.total);
    expect(await totals({ metric: "offer_rate" })).toEqual([{ value: 0.9, count: 100 }]);
    expect(await totals({ metric: "accept_rate" })).toEqual([{ value: 70 / 90, count: 90 }]);
    expect(await totals({ metric: "accept_rate", endpoint: "blind" })).toEqual([{ value: null, count: 0 }]);
  });

  it("splits by mechanism so that the shares add up, and a filter says the same as the split", async () => {
    await fleet.tell([...MIXED, { atMs: T + MINUTE, outcome: "full", offer: "none", count: 50 }]);
    for (const [metric, wanted] of [
      ["resume_rate", { psk: [60 / 150, 150], ticket: [10 / 150, 150] }],
      ["offer_rate", { psk: [80 / 150, 150], ticket: [10 / 150, 150] }],
      ["accept_rate", { psk: [60 / 80, 80], ticket: [1, 10] }],
    ] as const) {
      const split = await series({ metric, by: "mechanism" });
      expect(
        Object.fromEntries(split.series.map((s) => [s.key.mechanism, [s.total.value, s.total.count]])),
      ).toEqual(wanted);
      for (const mechanism of ["psk", "ticket"] as const) {
        const [only] = (await series({ metric, mechanism })).series;
        expect([only?.total.value, only?.total.count]).toEqual(wanted[mechanism]);
      }
    }
    const split = await series({ metric: "resume_rate", by: "mechanism" });
    const psk = split.series.find((s) => s.key.mechanism === "psk");
    // A minute of full handshakes alone is 0 of 50, not a gap.
    expect(psk?.points.find((point) => point.t === T + MINUTE)).toMatchObject({ value: 0, count: 50 });
  });

  it("never averages full and resumed latency; one series a quantile, within the histogram's error", async () => {
    await fleet.tell(MIXED);
    const reply = await series({ metric: "handshake_us", q: "0.5,0.95" });
    const values = reply.series.map((s) => [s.key.outcome, s.q, s.total.count, s.total.value]);
    expect(values).toEqual([
      ["resumed", 0.5, 70, expect.closeTo(1_000, -2)],
      ["resumed", 0.95, 70, expect.closeTo(1_500, -2)],
      ["full", 0.5, 30, expect.closeTo(9_000, -3)],
      ["full", 0.95, 30, expect.closeTo(9_000, -3)],
    ]);
  });

  it("takes several values, and (unknown), as filters; refuses what is not in a vocabulary", async () => {
    await fleet.tell([
      { atMs: T, outcome: "full", node: "a", count: 1 },
      { atMs: T, outcome: "full", node: "b", count: 2 },
      { atMs: T, outcome: "full", node: null, count: 4 },
    ]);
    const count = async (node: string) => (await series({ metric: "full", node })).series[0]?.total.value;
    expect([await count("a,b"), await count("(unknown)"), await count("a,(unknown)")]).toEqual([3, 4, 5]);
    const by = await series({ metric: "full", by: "node" });
    expect(by.series.map((s) => [s.key.node, s.total.value])).toEqual([
      [null, 4],
      ["b", 2],
      ["a", 1],
    ]);
    await expect(series({ metric: "full", protocol: "TLS9" })).rejects.toMatchObject({ field: "protocol" });
    await expect(series({ metric: "full", by: "colour" })).rejects.toMatchObject({ field: "by" });
    await expect(series({ metric: "ttfb_us", q: "2" })).rejects.toMatchObject({ field: "q" });
    await expect(series({ metric: "resume_rate", by: "outcome" })).rejects.toMatchObject({ field: "by" });
    await expect(series({ metric: "resume_rate", outcome: "full" })).rejects.toMatchObject({
      field: "outcome",
    });
  });

  it("keeps at most 200 series, those with most handshakes, and says of how many", async () => {
    await fleet.tell(
      Array.from({ length: 210 }, (_, i) => ({
        atMs: T,
        outcome: "full" as const,
        node: `n${i}`,
        count: i + 1,
      })),
    );
    const reply = await series({ metric: "full", by: "node" });
    expect([reply.series.length, reply.seriesTotal]).toEqual([200, 210]);
    expect(reply.series[0]?.key.node).toBe("n209");
  });

  it("says CPU saved in cores: 3,600 resumed in an hour at 253 us each", async () => {
    await fleet.tell([{ atMs: T, outcome: "resumed", mechanism: "psk", count: 3_600 }]);
    const reply = await series({ metric: "cpu_saved", from: String(T - HOUR / 2), to: String(T + HOUR / 2) });
    expect(reply.series[0]?.total.value).toBeCloseTo(253e-6, 8);
  });

  it("makes a cache hit ratio of counters, through a restart", async () => {
    const reading = (atMs: number, hits: number, misses: number, node = "n1") => ({
      atMs,
      endpoint: "shop",
      node,
      cache: "tls",
      hits,
      misses,
      inserts: null,
      evictions: null,
      entries: null,
      capacity: null,
      timeoutS: null,
    });
    await fleet.tell([], {
      caches: [
        reading(T - 10 * MINUTE, 100, 100),
        reading(T, 160, 120),
        reading(T + MINUTE, 10, 10),
        reading(T, 0, 0, "n2"),
        reading(T + MINUTE, 0, 30, "n2"),
      ],
    });
    const all = await series({ metric: "cache_hit_ratio" });
    expect(all.series[0]?.total).toEqual({ value: 70 / 130, count: 130 });
    const split = await series({ metric: "cache_hit_ratio", by: "node" });
    expect(split.series.map((s) => [s.key.node, s.total])).toEqual([
      ["n1", { value: 0.7, count: 100 }],
      ["n2", { value: 0, count: 30 }],
    ]);
    expect((await series({ metric: "cache_hit_ratio", node: "n2,n3" })).series[0]?.total.count).toBe(30);
    // A cache reading does not know its region, so no region has any.
    expect((await series({ metric: "cache_hit_ratio", region: "eu" })).series).toEqual([]);
    await expect(series({ metric: "cache_hit_ratio", by: "region" })).rejects.toMatchObject({ field: "by" });
  });
});

describe("summary", () => {
  it("asks for a source when the store is empty, and tells silence from health", async () => {
    expect((await summary()).status).toEqual({
      level: "empty",
      sentence: "No handshake has arrived yet. Connect a source to begin.",
    });
    await fleet.tell([{ atMs: NOW - 5 * HOUR, outcome: "full" }]);
    expect((await summary()).status.sentence).toMatch(/^No handshake has arrived for \d+ (minutes|hours)\.$/);
    expect((await tileOf("resume_rate"))?.note).toBe("No handshakes in this window.");
  });

  it("shows the same figures as the series, and compares with the same time yesterday", async () => {
    await fleet.tell([
      ...MIXED,
      { atMs: T - DAY, outcome: "resumed", count: 90 },
      { atMs: T - DAY, outcome: "full", count: 10 },
    ]);
    const reply = await summary({ compare: "day" });
    expect(reply.excludedHandshakes).toBe(100);
    expect(reply.tiles.find((tile) => tile.id === "resume_rate")).toMatchObject({
      value: 0.7,
      count: 100,
      previous: 0.9,
      previousCount: 100,
    });
    expect(reply.status).toMatchObject({ level: "unknown" });
    expect(reply.status.sentence).toContain(
      "70.0 % of 100 handshakes, 20.0 points below the same time yesterday",
    );
    expect(reply.endpoints[0]).toMatchObject({ endpoint: "shop", handshakes: 105, lost: expect.closeTo(20) });
    expect((await tileOf("resume_rate"))?.previous).toBeNull();
  });

  it("keeps the denominator of a rate under a mechanism filter, as the series does", async () => {
    await fleet.tell(MIXED);
    expect(await tileOf("resume_rate", { mechanism: "psk" })).toMatchObject({ value: 0.6, count: 100 });
    expect(await tileOf("accept_rate", { mechanism: "psk" })).toMatchObject({ value: 0.75, count: 80 });
    expect(await tileOf("p95_resumed", { mechanism: "ticket" })).toMatchObject({ count: 10 });
    await expect(summary({ outcome: "full" })).rejects.toMatchObject({ field: "outcome" });
  });

  it("ranks endpoints by handshakes lost, then by handshakes", async () => {
    const side = (endpoint: string, atMs: number, resumed: number, full: number): Told[] => [
      { endpoint, atMs, outcome: "resumed", count: resumed },
      { endpoint, atMs, outcome: "full", count: full },
    ];
    await fleet.tell([
      ...side("big", T, 800, 200),
      ...side("big", T - DAY, 800, 200),
      ...side("hurt", T, 20, 80),
      ...side("hurt", T - DAY, 80, 20),
    ]);
    const rows = async (query: Record<string, string>) =>
      (await summary(query)).endpoints.map((row) => row.endpoint);
    expect(await rows({ compare: "day" })).toEqual(["hurt", "big"]);
    expect(await rows({})).toEqual(["big", "hurt"]);
  });
});

describe("effect of a change", () => {
  const change = (atMs: number, more: Partial<Change> = {}): Change => ({
    id: "c1",
    kind: "key_rotation",
    atMs,
    endMs: null,
    endpoint: null,
    node: null,
    region: null,
    title: "rotated",
    detail: null,
    ref: null,
    actor: null,
    ...more,
  });
  const around = (atMs: number, gapMs: number, after: number): Told[] => [
    { atMs: atMs - gapMs, outcome: "resumed", count: 800 },
    { atMs: atMs - gapMs, outcome: "full", count: 200 },
    { atMs: atMs + gapMs, outcome: "resumed", count: after },
    { atMs: atMs + gapMs, outcome: "full", count: 1_000 - after },
  ];
  const effect = () => readEffect(fleet.reader, 1, { id: "c1", nowMs: NOW });

  it("is the difference between equal windows, in the scope of the change", async () => {
    const elsewhere = around(T, MINUTE, 800).map((told) => ({ ...told, node: "n2" }));
    await fleet.tell([...around(T, MINUTE, 300), ...elsewhere], { changes: [change(T, { node: "n1" })] });
    const reply = await effect();
    expect(reply).toMatchObject({ windowMs: 15 * MINUTE, resumeRateBefore: 0.8, resumeRateAfter: 0.3 });
    expect(reply?.difference?.value).toBeCloseTo(-0.5);
    expect(reply?.sentence).toBe("The resume rate fell by 50.0 points after this change.");
  });

  it("is said to be none when the interval holds 0, and unknown without handshakes", async () => {
    await fleet.tell(around(T, MINUTE, 802), { changes: [change(T)] });
    expect((await effect())?.sentence).toBe("No measurable effect on the resume rate.");
    await fleet.tell([], { changes: [change(T - 5 * DAY, { id: "c1" })] });
    expect(await readEffect(fleet.reader, 1, { id: "nobody", nowMs: NOW })).toBeNull();
  });

  it("of a change so old that only hours are kept does not mix before and after", async () => {
    const atMs = T - 30 * DAY;
    await fleet.tell(around(atMs, 90 * MINUTE, 300), { changes: [change(atMs)] });
    await fleet.writer.compact(NOW);
    const reply = await effect();
    expect(reply).toMatchObject({ windowMs: 3 * HOUR, resumeRateBefore: 0.8, resumeRateAfter: 0.3 });
  });
});

describe("heat map and lists", () => {
  it("puts every measured handshake into one of at most 40 value ranges that cover the data", async () => {
    await fleet.tell(MIXED);
    const reply = await readHeatmap(fleet.reader, 1, {
      params: { metric: "handshake_us", outcome: "full", from: "now-1h" },
      nowMs: NOW,
    });
    expect(reply.bins.length).toBeLessThanOrEqual(40);
    const column = reply.columns.find(({ total }) => total > 0);
    expect([column?.total, column?.counts.reduce((sum, n) => sum + n, 0)]).toEqual([30, 30]);
    const index = column?.counts.findIndex((n) => n > 0) ?? -1;
    expect(reply.bins[index]?.from).toBeLessThan(9_000);
    expect(reply.bins[index]?.to).toBeGreaterThanOrEqual(9_000);
  });

  it("lists segments with the values of each dimension, most handshakes first", async () => {
    await fleet.tell(MIXED);
    const reply = await readSegmentList(fleet.reader, 1, { params: { from: "now-1h" }, nowMs: NOW });
    expect(reply.values.family).toEqual([
      { value: "chrome", handshakes: 105 },
      { value: "bot", handshakes: 100 },
    ]);
    expect(reply.segments[0]).toMatchObject({ family: "bot", handshakes: 100, lastSeenMs: T });
  });

  it("refuses a window of changes that ends before it begins", async () => {
    const ask = (params: { from?: string; to?: string }) =>
      readChangeList(fleet.reader, 1, { params, nowMs: NOW });
    await expect(ask({ from: "now", to: "now-1h" })).rejects.toMatchObject({ field: "from" });
    const past = await ask({ to: "now-30d" });
    expect(past.toMs - past.fromMs).toBe(7 * DAY);
  });
});

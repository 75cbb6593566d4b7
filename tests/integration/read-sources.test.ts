import { afterEach, beforeEach, expect, it } from "vitest";
import type { Origin } from "../../lib/domain/handshake.ts";
import { readSeries } from "../../lib/read/series.ts";
import { readSourceList } from "../../lib/read/sources.ts";
import { readSummary } from "../../lib/read/summary.ts";
import type { SourceDelta } from "../../lib/store/port.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Date.UTC(2026, 10, 25, 12, 0, 30);
const MINUTE = 60_000;
const LOG: Origin = { source: "haproxy", system: "haproxy", vantage: "log" };
const COUNTERS: Origin = { source: "haproxy-stats", system: "haproxy", vantage: "counters" };

let nowMs = NOW;
let fleet: StoredFleet;
beforeEach(async () => {
  nowMs = NOW;
  fleet = await storedFleet(() => nowMs);
});
afterEach(() => fleet.destroy());

const delta = (more: Partial<SourceDelta> = {}): SourceDelta => ({
  source: "nginx",
  transport: "syslog_udp",
  sender: "edge-1",
  accepted: 10,
  rejected: 0,
  duplicate: 0,
  overflowed: 0,
  lastEventMs: nowMs - 2_000,
  rejections: new Map(),
  breaches: new Map(),
  lastHandshake: null,
  ...more,
});

it("tells rate, lag and silence of each sender", async () => {
  for (let minute = 90; minute >= 0; minute -= 1) {
    nowMs = NOW - minute * MINUTE;
    const steady = delta();
    const gone = delta({ sender: "edge-2", lastEventMs: nowMs - 9_000 });
    await fleet.tell([], { sources: minute >= 20 ? [steady, gone] : [steady] });
  }
  const { sources } = await readSourceList(fleet.reader, 1, nowMs);
  const [steady, gone] = ["edge-1", "edge-2"].map((name) => sources.find((s) => s.sender === name));
  expect(steady).toMatchObject({ perMinute: 10, lagMs: 2_000, silentSinceMs: null, accepted: 910 });
  expect(steady?.minutes).toHaveLength(60);
  expect(steady?.minutes.every(({ accepted }) => accepted === 10)).toBe(true);
  expect(gone).toMatchObject({ perMinute: 0, lagMs: 9_000, silentSinceMs: NOW - 20 * MINUTE });
  // What did not come is a gap: nothing in the twenty minutes since.
  expect(gone?.minutes.slice(-20).every(({ accepted, lagMs }) => accepted === 0 && lagMs === null)).toBe(
    true,
  );
});

it("shows both views of the same handshakes, and makes rates of one", async () => {
  for (let minute = 10; minute > 0; minute -= 1) {
    const atMs = NOW - minute * MINUTE;
    await fleet.tell([
      { atMs, count: 3, outcome: "resumed", origin: LOG },
      { atMs, count: 1, outcome: "full", origin: LOG },
      { atMs, count: 6, outcome: "resumed", family: null, origin: COUNTERS },
      { atMs, count: 4, outcome: "full", family: null, origin: COUNTERS },
    ]);
  }
  const rate = async () => {
    const params = { from: "now-1h", to: "now" };
    const { tiles, twoViews } = await readSummary(fleet.reader, 1, { params, nowMs });
    const tile = tiles.find(({ id }) => id === "resume_rate");
    return [tile?.value, tile?.count, twoViews];
  };
  const { truths } = await readSourceList(fleet.reader, 1, nowMs);
  expect(truths).toEqual([
    expect.objectContaining({
      node: "n1",
      system: "haproxy",
      used: "log",
      chosen: false,
      log: expect.objectContaining({ sources: ["haproxy"], completed: 40, resumeRate: 0.75 }),
      counters: expect.objectContaining({ sources: ["haproxy-stats"], completed: 100, resumeRate: 0.6 }),
    }),
  ]);
  expect(await rate()).toEqual([0.75, 40, 1]);
  await fleet.writer.chooseTruth(1, { node: "n1", system: "haproxy", vantage: "counters" });
  expect((await readSourceList(fleet.reader, 1, nowMs)).truths[0]).toMatchObject({
    used: "counters",
    chosen: true,
  });
  expect(await rate()).toEqual([0.6, 100, 1]);
});

it("makes rates of counters where the log cannot tell full from resumed, and times of the log all the same", async () => {
  const origin = (source: string, vantage: Origin["vantage"]): Origin => ({
    source,
    system: "envoy",
    vantage,
  });
  await fleet.tell([
    { atMs: NOW - MINUTE, count: 10, us: 2_000, outcome: null, origin: origin("envoy", "log") },
    {
      atMs: NOW - MINUTE,
      count: 7,
      family: null,
      outcome: "resumed",
      origin: origin("envoy-stats", "counters"),
    },
    {
      atMs: NOW - MINUTE,
      count: 3,
      family: null,
      outcome: "full",
      origin: origin("envoy-stats", "counters"),
    },
  ]);
  const params = { from: "now-1h", to: "now" };
  const { tiles } = await readSummary(fleet.reader, 1, { params, nowMs });
  expect(tiles.find(({ id }) => id === "resume_rate")).toMatchObject({ value: 0.7, count: 10 });
  expect((await readSourceList(fleet.reader, 1, nowMs)).truths[0]).toMatchObject({
    used: "counters",
    chosen: false,
  });
  const times = await readSeries(fleet.reader, 1, { params: { ...params, metric: "handshake_us" }, nowMs });
  expect(times.series.map(({ key, total }) => [key.outcome, total.count])).toEqual([[null, 10]]);
  const counted = await readSeries(fleet.reader, 1, { params: { ...params, metric: "handshakes" }, nowMs });
  expect(counted.series[0]?.total.value).toBe(10);
});

it("says of broken invariants what they mean", async () => {
  await fleet.tell([], {
    sources: [delta({ breaches: new Map([["resumed_within_completed", { count: 2, detail: "7 of 5" }]]) })],
  });
  const { sources } = await readSourceList(fleet.reader, 1, nowMs);
  expect(sources[0]?.breaches).toEqual([
    expect.objectContaining({
      count: 2,
      detail: "7 of 5",
      sentence: expect.stringContaining("at most the completed"),
    }),
  ]);
});

it("does not take completed handshakes of unknown outcome for full ones", async () => {
  await fleet.tell([
    {
      atMs: NOW - MINUTE,
      count: 5,
      us: 2_000,
      outcome: null,
      origin: { source: "hitch", system: "hitch", vantage: "log" },
    },
    { atMs: NOW - MINUTE, count: 1, outcome: "failed" },
  ]);
  const params = { from: "now-1h", to: "now" };
  const { tiles, status, endpoints } = await readSummary(fleet.reader, 1, { params, nowMs });
  const of = (id: string) => tiles.find((tile) => tile.id === id);
  expect(of("resume_rate")).toMatchObject({
    value: null,
    count: 0,
    note: "No source here tells full from resumed handshakes.",
  });
  expect(of("failure_rate")).toMatchObject({ value: 1 / 6, count: 6 });
  expect(status.sentence).toBe("5 handshakes were completed, but no source here tells full from resumed.");
  expect(endpoints[0]).toMatchObject({ handshakes: 6, full: 0, resumed: 0, unknown: 5, resumeRate: null });
});

it("counts a node that log, wire and counters tell of once, and the wire where it is chosen", async () => {
  const WIRE: Origin = { source: "tap", system: null, vantage: "wire" };
  for (let minute = 10; minute > 0; minute -= 1) {
    const atMs = NOW - minute * MINUTE;
    await fleet.tell([
      { atMs, count: 3, outcome: "resumed", us: 1_000, origin: LOG },
      { atMs, count: 1, outcome: "full", us: 1_000, origin: LOG },
      { atMs, count: 5, outcome: "resumed", us: 2_000, family: null, origin: WIRE },
      { atMs, count: 5, outcome: "full", us: 2_000, family: null, origin: WIRE },
      { atMs, count: 6, outcome: "resumed", family: null, origin: COUNTERS },
      { atMs, count: 4, outcome: "full", family: null, origin: COUNTERS },
    ]);
  }
  const params = { from: "now-1h", to: "now" };
  const told = async () => {
    const { tiles } = await readSummary(fleet.reader, 1, { params, nowMs });
    const tile = tiles.find(({ id }) => id === "resume_rate");
    const times = await readSeries(fleet.reader, 1, { params: { ...params, metric: "handshake_us" }, nowMs });
    return [tile?.value, tile?.count, times.series.reduce((sum, { total }) => sum + (total.count ?? 0), 0)];
  };
  const { truths } = await readSourceList(fleet.reader, 1, nowMs);
  expect(truths).toEqual([
    expect.objectContaining({
      ...{ node: "n1", system: "haproxy", used: "log" },
      log: expect.objectContaining({ completed: 40 }),
      wire: expect.objectContaining({ sources: ["tap"], completed: 100, resumeRate: 0.5 }),
      counters: expect.objectContaining({ completed: 100 }),
    }),
  ]);
  expect(await told()).toEqual([0.75, 40, 40]);
  await fleet.writer.chooseTruth(1, { node: "n1", system: "haproxy", vantage: "wire" });
  expect(await told()).toEqual([0.5, 100, 100]);
  await fleet.writer.chooseTruth(1, { node: "n1", system: "haproxy", vantage: "counters" });
  // Counters tell no times: they are still the log's, and not the wire's as well.
  expect(await told()).toEqual([0.6, 100, 40]);
});

import { expect, it } from "vitest";
import type { Origin, Result, Segment } from "../../lib/domain/handshake.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import type { Cell } from "../../lib/store/port.ts";
import { CacheGrowth, ChangeQueue, detectorChange, silenceOf } from "./changes.ts";
import { Feed } from "./feed.ts";
import { Packer, Unpacker } from "./packed.ts";

const MINUTE = 60_000;
const T = Date.UTC(2026, 10, 24, 12);
const segment: Segment = { endpoint: "shop", node: "n1", region: null, family: "ios", protocol: "TLSv1.3" };
const LOG: Origin = { source: "nginx", system: "nginx", vantage: "log" };
const COUNTERS: Origin = { source: "nginx-plus", system: "nginx", vantage: "counters" };
const result: Result = {
  ...{ outcome: "resumed", offer: "psk", mechanism: "psk" },
  ...{ reason: null, earlyData: null, earlyDataReason: null },
};
const TOLD = [LOG, COUNTERS].map((origin) => ({ ...segment, ...origin, result }));
const NOTHING = { seen: [], choices: [] };

const cell = (atMs: number, count: number, more: Partial<Cell> = {}): Cell => ({
  ...{ bucketStartMs: atMs, segmentId: 0, resultId: 0, count },
  ...{ handshakeUs: null, ttfbUs: null, ticketAgeS: null },
  ...more,
});
const feed = (mostSums = 1_000): Feed =>
  new Feed({
    store: { cellOf: ({ segmentId }) => TOLD[segmentId] ?? null },
    ...{ bucketMs: MINUTE, mostSums, mostCaches: 10 },
  });
const times = new Histogram();
times.add(900, 3);

it("adds up what was committed by bucket, and gives each increase once", () => {
  const { rows } = (() => {
    const from = feed();
    from.add({
      cells: [cell(T, 5), cell(T + 50_000, 2, { handshakeUs: times.encode() })],
      caches: [],
      keys: [],
    });
    from.add({ cells: [cell(T + 10_000, 1), cell(T + MINUTE, 9)], caches: [], keys: [] });
    const first = from.take(T + MINUTE, NOTHING);
    from.add({ cells: [cell(T, 4)], caches: [], keys: [] });
    const second = from.take(T + 2 * MINUTE, NOTHING);
    expect(second.rows.map(({ atMs, count }) => [atMs, count])).toEqual([
      [T, 4],
      [T + MINUTE, 9],
    ]);
    expect(from.take(T + 9 * MINUTE, NOTHING).rows).toEqual([]);
    return first;
  })();
  expect(rows).toEqual([{ atMs: T, segment, result, count: 8, handshakeUsSum: 2_700, timedCount: 3 }]);
});

it("of two views of the same handshakes one counts, as in every read", () => {
  const from = feed();
  from.add({
    cells: [cell(T, 5), cell(T, 6, { segmentId: 1 }), cell(T + 20 * MINUTE, 7, { segmentId: 1 })],
    caches: [],
    keys: [],
  });
  const view = { node: "n1", system: "nginx", outcomes: true };
  const seen = [
    { ...view, vantage: "log" as const, spans: [{ fromMs: T, toMs: T + MINUTE }] },
    { ...view, vantage: "counters" as const, spans: [{ fromMs: T - MINUTE, toMs: T + 20 * MINUTE }] },
  ];
  const { rows } = from.take(T + 30 * MINUTE, { seen, choices: [] });
  // The log broke off after a minute: five minutes later the counters stand in.
  expect(rows.map(({ atMs, count }) => [atMs, count])).toEqual([
    [T, 5],
    [T + 20 * MINUTE, 7],
  ]);
});

it("what was read from the store is forgotten, what is too old is counted, and nothing grows without bound", () => {
  const from = feed(2);
  from.oldestMs = T;
  from.add({ cells: [cell(T - 1, 5), cell(T, 1), cell(T + MINUTE, 2)], caches: [], keys: [] });
  expect([from.tooOld, from.overflowed]).toEqual([5, false]);
  from.forget(T, T + MINUTE);
  from.add({ cells: [cell(T + 2 * MINUTE, 3)], caches: [], keys: [] });
  expect(from.take(T + 9 * MINUTE, NOTHING).rows.map(({ count }) => count)).toEqual([2, 3]);
  from.add({ cells: [1, 2, 3].map((minute) => cell(T + minute * MINUTE, 1)), caches: [], keys: [] });
  expect(from.overflowed).toBe(true);
  expect(from.take(T + 9 * MINUTE, NOTHING).rows).toEqual([]);
});

it("rows are the same on the other side, whatever their names", () => {
  const [packer, unpacker] = [new Packer(), new Unpacker()];
  const row = { atMs: T, segment, result, count: 8, handshakeUsSum: null, timedCount: 0 };
  const odd = { ...row, segment: { ...segment, node: null, endpoint: '\u0000,"' }, handshakeUsSum: 0 };
  for (const rows of [[row, odd], [odd], [row, row]])
    expect([...unpacker.unpack(structuredClone(packer.pack(rows)))]).toEqual(rows);
});

const change = {
  ...{
    id: "c1",
    kind: "key_rotation" as const,
    atMs: T,
    endMs: null,
    endpoint: "shop",
    node: null,
    region: null,
  },
  ...{ title: "x", detail: null, ref: null, actor: null },
};

it("changes come due in order and once; a drill with an end is announced", () => {
  const queue = new ChangeQueue();
  queue.add([{ ...change, id: "c2", atMs: T + MINUTE }, change]);
  expect(queue.due(T).map(({ id }) => id)).toEqual(["c1"]);
  queue.add([change]);
  expect(queue.due(T + MINUTE).map(({ id }) => id)).toEqual(["c2"]);
  expect(detectorChange(change)).toEqual({
    ...{ id: "c1", atMs: T, kind: "key_rotation", component: null, keyGroup: null },
    ...{ endpoints: ["shop"], nodes: null, regions: null, families: null },
  });
  expect(silenceOf(change)).toBeNull();
  expect(silenceOf({ ...change, kind: "drill" })).toBeNull();
  expect(silenceOf({ ...change, kind: "drill", endMs: T + 1 })).toMatchObject({ startMs: T, endMs: T + 1 });
});

it("caches tell increases; the first reading tells none, and a total that fell has begun anew", () => {
  const growth = new CacheGrowth();
  const sample = (hits: number | null, misses: number) => ({
    ...{ atMs: T, endpoint: null, node: "n1", cache: null, hits, misses, inserts: null, evictions: null },
    ...{ entries: 7, capacity: null, timeoutS: null },
  });
  const readings = growth.readings([sample(10, 5), sample(15, 5), sample(2, 6), sample(null, 7)]);
  expect(readings.map(({ hits, misses }) => [hits, misses])).toEqual([
    [null, null],
    [5, 0],
    [2, 1],
    [null, 1],
  ]);
  expect(readings[0]).toMatchObject({ cache: "n1", entries: 7 });
});

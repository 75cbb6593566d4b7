/** The scenarios that every engine of the store port has to pass. An engine's test file calls this with how to open it. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Origin, Result, Segment } from "../../../lib/domain/handshake.ts";
import { Histogram } from "../../../lib/stats/histogram.ts";
import {
  type Cell,
  type Commit,
  EMPTY_COMMIT,
  type ReadStore,
  type RollupQuery,
  type RollupRow,
  type SourceDelta,
  type WriteStore,
} from "../../../lib/store/port.ts";
import type {
  IncidentAct,
  IncidentQuery,
  StoredIncident,
  StoredIncidentUpdate,
} from "../../../lib/store/port-incidents.ts";
import type { Retention } from "../../../lib/store/port-upkeep.ts";

export type Engine = {
  readonly name: string;
  /** Opens (again) the same store; `nowMs` is the clock that the store sees. */
  open(nowMs: () => number): Promise<WriteStore>;
  /** Opens it a second time, as the console does. */
  openReader(nowMs: () => number): Promise<ReadStore>;
  destroy(): Promise<void>;
};

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Not aligned to an hour, on purpose. */
const NOW = Date.UTC(2026, 10, 24, 12, 34, 56, 789);
const KEEP: Retention = {
  tenSecondsMs: 6 * HOUR,
  minutesMs: 14 * 24 * HOUR,
  hoursMs: 400 * 24 * HOUR,
  samplesMs: HOUR,
  batchesMs: HOUR,
};
const segment = (part: Partial<Segment> = {}): Segment => ({
  endpoint: "shop.example",
  node: "edge-1",
  region: "eu",
  family: "chrome",
  protocol: "TLSv1.3",
  ...part,
});
const FULL: Result = {
  outcome: "full",
  offer: "none",
  mechanism: null,
  reason: null,
  earlyData: null,
  earlyDataReason: null,
};
const RESUMED: Result = { ...FULL, outcome: "resumed", offer: "psk", mechanism: "psk" };
const LOG: Origin = { source: "nginx", system: "nginx", vantage: "log" };

type Event = {
  atMs: number;
  count?: number;
  segment?: Segment;
  origin?: Origin;
  result?: Result;
  us?: number;
};

function cellsOf(store: WriteStore, list: readonly Event[]): Cell[] {
  return list.map((event) => {
    const histogram = new Histogram();
    if (event.us !== undefined) histogram.add(event.us, event.count ?? 1);
    return {
      bucketStartMs: Math.floor(event.atMs / 10_000) * 10_000,
      segmentId: store.internSegment(1, event.segment ?? segment(), event.origin ?? LOG),
      resultId: store.internResult(event.result ?? RESUMED),
      count: event.count ?? 1,
      handshakeUs: event.us === undefined ? null : histogram.encode(),
      ttfbUs: null,
      ticketAgeS: null,
    };
  });
}

const total = (rows: readonly RollupRow[]): number => rows.reduce((sum, row) => sum + row.count, 0);

/** Runs every scenario over one engine. */
export function storeConformance(makeEngine: () => Promise<Engine>): void {
  let engine: Engine;
  let store: WriteStore;
  let nowMs = NOW;
  beforeEach(async () => {
    nowMs = NOW;
    engine = await makeEngine();
    store = await engine.open(() => nowMs);
  });
  afterEach(async () => {
    await store.close();
    await engine.destroy();
  });
  const push = (list: readonly Event[], rest: Partial<Commit> = {}): Promise<void> =>
    store.commit(1, { ...EMPTY_COMMIT, cells: cellsOf(store, list), ...rest }, nowMs);
  const read = async (query: Partial<RollupQuery> = {}) =>
    store.readRollups(1, { fromMs: NOW - HOUR, toMs: NOW + MINUTE, stepMs: MINUTE, ...query });

  describe("two views of the same handshakes", () => {
    const COUNTERS: Origin = { source: "haproxy-stats", system: "haproxy", vantage: "counters" };
    const HAPROXY: Origin = { source: "haproxy", system: "haproxy", vantage: "log" };
    const counted = segment({ family: null, protocol: null, region: null });
    /** The counters since long, the log for five minutes: 10 a minute by each. */
    const tellBoth = async (): Promise<void> => {
      for (let minute = 30; minute > 0; minute -= 1) {
        const atMs = NOW - minute * MINUTE;
        await push([{ atMs, count: 10, segment: counted, origin: COUNTERS }]);
        if (minute <= 5) await push([{ atMs, count: 10, origin: HAPROXY }]);
      }
    };
    const sums = async (query: Partial<RollupQuery> = {}) => total((await read(query)).rows);

    it.each([
      ["as they arrive", false],
      ["compacted", true],
    ])("are never added up: the log counts once it is there, %s", async (_name, compacted) => {
      await tellBoth();
      nowMs = NOW + 10 * MINUTE;
      if (compacted) await store.compact(nowMs);
      expect(await sums()).toBe(300);
      expect(await sums({ by: ["endpoint"] })).toBe(300);
      expect(await sums({ by: ["node", "protocol"] })).toBe(300);
      const bySource = (await read({ by: ["source"] })).rows;
      expect(total(bySource.filter((row) => row.group.source === "haproxy"))).toBe(50);
      expect(total(bySource.filter((row) => row.group.source === "haproxy-stats"))).toBe(300);
      expect(await sums({ filter: { source: ["haproxy-stats"] } })).toBe(300);
    });

    it("follow a choice, at every grain, and go back", async () => {
      await tellBoth();
      // Something else in the window, so that a wrong choice of grain would show.
      await push([{ atMs: NOW - MINUTE, count: 7, segment: segment({ node: "n9" }) }]);
      nowMs = NOW + 10 * MINUTE;
      await store.compact(nowMs);
      const of = { node: "edge-1", system: "haproxy" };
      await store.chooseTruth(1, { ...of, vantage: "counters" });
      expect(await store.readTruthChoices(1)).toEqual([{ ...of, vantage: "counters" }]);
      const rows = (await read({ by: ["node", "protocol"] })).rows;
      expect(total(rows.filter((row) => row.group.node === "edge-1" && row.group.protocol !== null))).toBe(0);
      expect(await sums()).toBe(307);
      expect(await sums({ by: ["endpoint"] })).toBe(307);
      await store.chooseTruth(1, { ...of, vantage: null });
      expect(await store.readTruthChoices(1)).toEqual([]);
      expect(total((await read({ by: ["protocol"] })).rows.filter((r) => r.group.protocol !== null))).toBe(
        57,
      );
    });

    it.each([
      ["as they arrive", false],
      ["compacted", true],
    ])("stand in for each other while one is silent, also once it is back, %s", async (_name, compacted) => {
      for (let minute = 40; minute > 0; minute -= 1) {
        const atMs = NOW - minute * MINUTE;
        await push([{ atMs, count: 10, segment: counted, origin: COUNTERS }]);
        // The log is silent from minute 29 to minute 11.
        if (minute >= 30 || minute <= 10) await push([{ atMs, count: 7, origin: HAPROXY }]);
      }
      nowMs = NOW + 10 * MINUTE;
      if (compacted) await store.compact(nowMs);
      // 21 minutes of the log; of the 19 without it the first ones are its grace.
      const stoodIn = (await sums()) - 21 * 7;
      expect(stoodIn % 10).toBe(0);
      expect(stoodIn).toBeGreaterThanOrEqual(13 * 10);
      expect(stoodIn).toBeLessThanOrEqual(15 * 10);
      const [, log] = await store.readCoverage(1);
      expect(log?.spans).toHaveLength(2);
    });

    it("of different nodes or products are different handshakes", async () => {
      await push([
        { atMs: NOW, count: 1, segment: counted, origin: COUNTERS },
        { atMs: NOW, count: 2, origin: { source: "nginx", system: "nginx", vantage: "log" } },
        { atMs: NOW, count: 4, segment: segment({ node: "n2" }), origin: HAPROXY },
      ]);
      expect(await sums({ toMs: NOW + 2 * MINUTE })).toBe(7);
    });

    it("are told with their sources and their time, also after a restart", async () => {
      await tellBoth();
      await store.close();
      store = await engine.open(() => nowMs);
      await push([{ atMs: NOW, count: 1, origin: HAPROXY }]);
      expect(await store.readCoverage(1)).toEqual([
        expect.objectContaining({
          node: "edge-1",
          system: "haproxy",
          vantage: "counters",
          sources: ["haproxy-stats"],
        }),
        expect.objectContaining({ node: "edge-1", system: "haproxy", vantage: "log", sources: ["haproxy"] }),
      ]);
      const [, log] = await store.readCoverage(1);
      expect(log?.spans).toHaveLength(1);
      expect(log?.spans[0]?.fromMs).toBe(Math.floor((NOW - 5 * MINUTE) / 10_000) * 10_000);
      expect(await store.readCoverage(2)).toEqual([]);
    });

    it("keep the last totals of counters with what was counted", async () => {
      const state = { source: "haproxy-stats", sender: "edge-1", scope: "https", startedMs: null };
      await push([], { counters: [{ ...state, atMs: NOW, totals: { full: 5, resumed: 7 } }] });
      await push([], { counters: [{ ...state, atMs: NOW - 1, totals: { full: 4, resumed: 7 } }] });
      expect(await store.readCounters(1)).toEqual([{ ...state, atMs: NOW, totals: { full: 5, resumed: 7 } }]);
      expect(await store.readCounters(2)).toEqual([]);
      await store.retain(NOW + KEEP.minutesMs + MINUTE, KEEP);
      expect(await store.readCounters(1)).toEqual([]);
    });
  });

  it("keeps completed handshakes of unknown outcome apart", async () => {
    await push([
      { atMs: NOW, count: 3, result: { ...FULL, outcome: null, offer: null } },
      { atMs: NOW, count: 4 },
    ]);
    await store.close();
    store = await engine.open(() => nowMs);
    const { rows } = await read({ toMs: NOW + 2 * MINUTE, outcomes: [null] });
    expect(rows.map((row) => [row.outcome, row.count])).toEqual([[null, 3]]);
  });

  describe("rollups", () => {
    it("an empty store has no rows and no extent", async () => {
      expect((await read()).rows).toEqual([]);
      expect(await store.extent(1)).toBeNull();
    });

    it("adds up what several commits bring into one cell", async () => {
      await push([{ atMs: NOW, count: 3, us: 1000 }]);
      await push([{ atMs: NOW + 1000, count: 4, us: 2000 }]);
      const { rows } = await read({ stepMs: 10_000, histograms: ["handshakeUs"] });
      expect(total(rows)).toBe(7);
      expect(rows.map((row) => row.outcome)).toEqual(rows.map(() => "resumed"));
      const merged = rows.reduce(
        (sum, row) => sum.merge(row.handshakeUs ?? new Histogram()),
        new Histogram(),
      );
      expect(merged.count).toBe(7);
      expect(merged.sum).toBe(11_000);
    });

    it("keeps late and out-of-order events in their own bucket, at every resolution", async () => {
      await push([{ atMs: NOW }]);
      nowMs = NOW + 5 * MINUTE;
      await store.compact(nowMs);
      await push([
        { atMs: NOW - 2 * MINUTE, count: 5 },
        { atMs: NOW - 30 * MINUTE, count: 7 },
        { atMs: NOW + 4 * MINUTE, count: 11 },
      ]);
      for (const stepMs of [10_000, MINUTE, HOUR]) {
        const { rows } = await read({ fromMs: NOW - HOUR, toMs: NOW + 10 * MINUTE, stepMs });
        expect(total(rows)).toBe(24);
        const bucket = (atMs: number) =>
          total(rows.filter((row) => row.bucketStartMs === Math.floor(atMs / stepMs) * stepMs));
        if (stepMs < HOUR) {
          expect(bucket(NOW - 2 * MINUTE)).toBe(5);
          expect(bucket(NOW - 30 * MINUTE)).toBe(7);
        }
      }
    });

    it("tells the same before, between and after compactions", async () => {
      const list = Array.from({ length: 200 }, (_, i) => ({
        atMs: NOW - i * 17_000,
        count: (i % 5) + 1,
        us: 500 + i,
        segment: segment({ node: `edge-${i % 3}`, family: i % 7 === 0 ? "bot" : "chrome" }),
        result: i % 3 ? RESUMED : FULL,
      }));
      const want = list.reduce((sum, event) => sum + event.count, 0);
      await push(list.slice(0, 90));
      const window = { fromMs: NOW - 2 * HOUR, toMs: NOW + HOUR };
      await store.compact(NOW + MINUTE);
      await push(list.slice(90));
      await store.compact(NOW + 2 * MINUTE);
      await store.compact(NOW + 2 * MINUTE);
      for (const stepMs of [10_000, MINUTE, HOUR])
        for (const by of [[], ["endpoint"], ["node"], ["family", "protocol"]] as const) {
          const { rows } = await read({ ...window, stepMs, by, histograms: ["handshakeUs"] });
          expect([stepMs, by, total(rows)]).toEqual([stepMs, by, want]);
          expect(rows.reduce((sum, row) => sum + (row.handshakeUs?.count ?? 0), 0)).toBe(want);
          const bots = list.filter((event) => event.segment.family === "bot");
          expect(total(rows.filter((row) => row.excluded))).toBe(bots.reduce((sum, e) => sum + e.count, 0));
        }
    });

    it("property: compaction at any moments keeps every sum", async () => {
      const event = fc.record({
        atMs: fc.integer({ min: NOW - 3 * HOUR, max: NOW + 2 * MINUTE }),
        count: fc.integer({ min: 1, max: 50 }),
        us: fc.integer({ min: 0, max: 10_000_000 }),
      });
      let pushed = 0;
      let weight = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.nat(5 * MINUTE), async (list, laterMs) => {
          await push(list);
          pushed += list.reduce((sum, e) => sum + e.count, 0);
          weight += list.reduce((sum, e) => sum + e.count * e.us, 0);
          nowMs += laterMs;
          await store.compact(nowMs);
          for (const stepMs of [10_000, MINUTE, HOUR]) {
            const { rows } = await read({
              fromMs: NOW - 4 * HOUR,
              toMs: NOW + HOUR,
              stepMs,
              histograms: ["handshakeUs"],
            });
            expect(total(rows)).toBe(pushed);
            expect(rows.reduce((sum, row) => sum + (row.handshakeUs?.sum ?? 0), 0)).toBe(weight);
          }
        }),
        { numRuns: 25 },
      );
    });

    it("splits by any dimensions and filters by any, unknown values included", async () => {
      await push([
        { atMs: NOW, count: 2, segment: segment({ endpoint: "a", region: "eu" }) },
        { atMs: NOW, count: 3, segment: segment({ endpoint: "b", region: "us", node: null }) },
        { atMs: NOW, count: 4, segment: segment({ endpoint: null, region: "us" }) },
      ]);
      const byEndpoint = await read({ by: ["endpoint"] });
      expect(byEndpoint.rows.map((row) => [row.group.endpoint, row.count])).toEqual(
        expect.arrayContaining([
          ["a", 2],
          ["b", 3],
          [null, 4],
        ]),
      );
      expect(total((await read({ filter: { region: ["us"] } })).rows)).toBe(7);
      expect(total((await read({ filter: { node: [null] } })).rows)).toBe(3);
      expect(total((await read({ filter: { endpoint: ["a", null] } })).rows)).toBe(6);
      expect(total((await read({ filter: { endpoint: ["nobody"] } })).rows)).toBe(0);
      expect(total((await read({ outcomes: ["failed"] })).rows)).toBe(0);
    });

    it("picks the coarsest resolution that serves the step and that is still kept", async () => {
      await push([{ atMs: NOW }]);
      expect((await read({ stepMs: 10_000 })).resolutionMs).toBe(10_000);
      expect((await read({ stepMs: 30_000 })).resolutionMs).toBe(10_000);
      expect((await read({ stepMs: 5 * MINUTE })).resolutionMs).toBe(MINUTE);
      expect((await read({ stepMs: 2 * HOUR })).resolutionMs).toBe(HOUR);
      const old = await read({ fromMs: NOW - 24 * HOUR, stepMs: 10_000 });
      expect([old.resolutionMs, old.stepMs]).toEqual([MINUTE, MINUTE]);
      const oldest = await read({ fromMs: NOW - 90 * 24 * HOUR, stepMs: 10_000 });
      expect([oldest.resolutionMs, oldest.stepMs]).toEqual([HOUR, HOUR]);
    });

    it("keeps tenants apart", async () => {
      await push([{ atMs: NOW, count: 9 }]);
      const query = { fromMs: NOW - HOUR, toMs: NOW + HOUR, stepMs: MINUTE };
      expect((await store.readRollups(2, query)).rows).toEqual([]);
      expect(await store.readSegments(2, { ...query, limit: 10 })).toEqual([]);
      expect(await store.extent(2)).toBeNull();
    });

    it("survives closing and opening again, with the numbers of segments", async () => {
      await push([{ atMs: NOW, count: 2 }]);
      await store.close();
      store = await engine.open(() => nowMs);
      expect(store.findSegment(1, segment(), LOG)).toBeTypeOf("number");
      expect(store.findSegment(1, segment({ node: "never seen" }), LOG)).toBeUndefined();
      await push([{ atMs: NOW, count: 3 }]);
      await store.compact(NOW + 10 * MINUTE);
      expect(total((await read()).rows)).toBe(5);
      expect(total((await read({ by: ["node"] })).rows)).toBe(5);
    });

    it("lists segments with their handshakes and last sighting", async () => {
      await push([
        { atMs: NOW, count: 2, segment: segment({ node: "n1" }) },
        { atMs: NOW - 10 * MINUTE, count: 30, segment: segment({ node: "n2" }) },
      ]);
      const rows = await store.readSegments(1, { fromMs: NOW - HOUR, toMs: NOW + HOUR, limit: 10 });
      expect(rows.map((row) => [row.node, row.handshakes])).toEqual([
        ["n2", 30],
        ["n1", 2],
      ]);
      expect(rows[1]?.lastSeenMs).toBe(Math.floor(NOW / 10_000) * 10_000);
    });
  });

  describe("retention", () => {
    it("deletes fine rows and keeps coarse ones", async () => {
      await push([{ atMs: NOW - MINUTE, count: 8 }]);
      await store.compact(NOW + 2 * MINUTE);
      nowMs = NOW + 7 * HOUR;
      const report = await store.retain(nowMs, KEEP);
      expect(report.deleted.rollup_10s_segment).toBe(1);
      const window = { fromMs: NOW - HOUR, toMs: NOW + HOUR };
      expect(total((await read({ ...window, stepMs: MINUTE })).rows)).toBe(8);
      nowMs = NOW + 15 * 24 * HOUR;
      await store.retain(nowMs, KEEP);
      expect(total((await read({ ...window, stepMs: HOUR })).rows)).toBe(8);
      nowMs = NOW + 401 * 24 * HOUR;
      await store.retain(nowMs, KEEP);
      expect((await read({ ...window, stepMs: HOUR })).rows).toEqual([]);
    });

    it("never deletes what is not compacted yet", async () => {
      await push([{ atMs: NOW, count: 8 }]);
      nowMs = NOW + 24 * HOUR;
      await store.retain(nowMs, KEEP);
      await store.compact(nowMs);
      expect(total((await read({ stepMs: MINUTE })).rows)).toBe(8);
    });
  });

  describe("incidents", () => {
    const incident = (change: Partial<StoredIncident> = {}): StoredIncident => ({
      id: "i-1",
      class: "page",
      family: "resumption",
      state: "open",
      openedMs: NOW - HOUR,
      onsetMs: NOW - HOUR - 5 * MINUTE,
      updatedMs: NOW - HOUR,
      resolvedMs: null,
      reopened: 0,
      scope: {
        endpoints: ["shop.example"],
        nodes: ["edge-1"],
        regions: null,
        families: null,
        protocols: null,
      },
      departure: {
        signal: "resume",
        group: "endpoint:",
        yardstick: "before",
        observed: 0.4,
        expected: 0.7,
        trials: 1_200,
        sigmas: 9,
        windowMs: 300_000,
      },
      diagnoses: [{ mode: "unknown", failureModes: [], probability: 1, evidence: [] }],
      suspects: [
        { changeId: "c1", probability: 0.9, lagMs: 60_000, evidence: [{ text: "it is near", weight: 2 }] },
      ],
      acknowledgedBy: null,
      acknowledgedMs: null,
      assignee: null,
      ...change,
    });
    const step = (kind: StoredIncidentUpdate["kind"], atMs = NOW): StoredIncidentUpdate => ({
      incidentId: "i-1",
      atMs,
      kind,
      actor: null,
      text: kind,
    });
    const save = (list: StoredIncident[], updates: StoredIncidentUpdate[] = []) =>
      store.saveIncidents(1, { incidents: list, updates });
    const act = (action: IncidentAct["action"], more: Partial<IncidentAct> = {}) =>
      store.actOnIncident(1, { id: "i-1", action, actor: "ann", text: null, nowMs: NOW, ...more });
    const kinds = async () => (await store.readIncidentUpdates(1, "i-1")).map(({ kind }) => kind);

    it("keeps one as it was given, with its steps in order, for its tenant", async () => {
      await save([incident()], [step("opened", NOW - HOUR), step("refined")]);
      expect(await store.readIncident(1, "i-1")).toEqual(incident());
      expect(await store.readIncidentUpdates(1, "i-1")).toEqual([
        step("opened", NOW - HOUR),
        step("refined"),
      ]);
      expect(await store.readIncident(2, "i-1")).toBeNull();
      expect(await store.readIncidentUpdates(2, "i-1")).toEqual([]);
      expect(await store.readIncidents(2, { fromMs: 0, toMs: NOW, limit: 10 })).toEqual([]);
    });

    it("finds what went on within a window, by state, class and endpoint, the last opened first", async () => {
      const other = { ...incident().scope, endpoints: ["api.example", "www.example"] };
      await save([
        incident(),
        incident({ id: "i-2", class: "info", openedMs: NOW - MINUTE, onsetMs: NOW - MINUTE, scope: other }),
        incident({ id: "i-3", state: "resolved", resolvedMs: NOW - 30 * MINUTE }),
      ]);
      const ids = async (query: Partial<IncidentQuery>) =>
        (await store.readIncidents(1, { fromMs: NOW - 2 * HOUR, toMs: NOW, limit: 10, ...query })).map(
          ({ id }) => id,
        );
      expect(await ids({})).toEqual(["i-2", "i-1", "i-3"]);
      expect(await ids({ limit: 1 })).toEqual(["i-2"]);
      expect(await ids({ fromMs: NOW - 20 * MINUTE })).toEqual(["i-2", "i-1"]);
      expect(await ids({ toMs: NOW - 10 * MINUTE })).toEqual(["i-1", "i-3"]);
      expect(await ids({ toMs: NOW - HOUR - 5 * MINUTE })).toEqual([]);
      expect(await ids({ states: ["resolved", "acknowledged"] })).toEqual(["i-3"]);
      expect(await ids({ classes: ["info"] })).toEqual(["i-2"]);
      expect(await ids({ endpoint: "www.example" })).toEqual(["i-2"]);
      expect(await ids({ endpoint: "www" })).toEqual([]);
    });

    it("what people did stays when the detector believes something new", async () => {
      await save([incident()]);
      await act("acknowledge");
      await act("assign", { text: "bob" });
      const departure = { ...incident().departure, observed: 0.3 };
      await save([incident({ departure, updatedMs: NOW + MINUTE })], [step("refined")]);
      expect(await store.readIncident(1, "i-1")).toEqual(
        incident({
          departure,
          updatedMs: NOW + MINUTE,
          state: "acknowledged",
          acknowledgedBy: "ann",
          acknowledgedMs: NOW,
          assignee: "bob",
        }),
      );
      await act("resolve", { nowMs: NOW + 2 * MINUTE });
      await save([incident({ updatedMs: NOW + 3 * MINUTE })]);
      await save([incident({ state: "resolved", resolvedMs: NOW + 4 * MINUTE })]);
      expect(await store.readIncident(1, "i-1")).toMatchObject({
        state: "resolved",
        resolvedMs: NOW + 2 * MINUTE,
      });
      expect(await kinds()).toEqual(["acknowledged", "assigned", "refined", "resolved"]);
    });

    it("is open again only where it was reopened, and then still acknowledged by whoever had it", async () => {
      await save([incident({ state: "resolved", resolvedMs: NOW })]);
      await save([incident()]);
      expect(await store.readIncident(1, "i-1")).toMatchObject({ state: "resolved", resolvedMs: NOW });
      await save([incident({ reopened: 1 })]);
      expect(await store.readIncident(1, "i-1")).toMatchObject({
        state: "open",
        resolvedMs: null,
        reopened: 1,
      });
      await act("acknowledge");
      await save([incident({ reopened: 1, state: "resolved", resolvedMs: NOW + 1 })]);
      await save([incident({ reopened: 2 })]);
      expect(await store.readIncident(1, "i-1")).toMatchObject({ state: "acknowledged", reopened: 2 });
    });

    it("acts once, and knows what it does not know", async () => {
      await save([incident()]);
      expect(await act("acknowledge", { id: "nobody" })).toBeNull();
      expect(await store.readIncidentUpdates(1, "nobody")).toEqual([]);
      expect(await act("unacknowledge")).toMatchObject({ state: "open" });
      expect(await act("acknowledge")).toMatchObject({ state: "acknowledged", acknowledgedBy: "ann" });
      expect(await act("acknowledge", { actor: "eve" })).toMatchObject({ acknowledgedBy: "ann" });
      expect(await act("unacknowledge")).toMatchObject({ state: "open", acknowledgedMs: null });
      await act("assign", { text: "bob" });
      expect(await act("assign", { text: "bob" })).toMatchObject({ assignee: "bob" });
      expect(await act("assign", { text: null })).toMatchObject({ assignee: null });
      await act("comment", { text: "looking" });
      expect(await act("resolve")).toMatchObject({ state: "resolved", resolvedMs: NOW });
      expect(await act("resolve", { nowMs: NOW + 1 })).toMatchObject({ resolvedMs: NOW });
      expect(await act("acknowledge")).toMatchObject({ state: "resolved", acknowledgedBy: null });
      expect(await kinds()).toEqual([
        ...["acknowledged", "unacknowledged", "assigned", "assigned", "comment", "resolved"],
      ]);
      expect((await store.readIncidentUpdates(1, "i-1")).at(-2)).toEqual({
        ...{ incidentId: "i-1", atMs: NOW, kind: "comment", actor: "ann", text: "looking" },
      });
    });

    it("keeps open ones for good, and resolved ones as long as hours", async () => {
      await save([incident(), incident({ id: "i-2", state: "resolved", resolvedMs: NOW })], [step("opened")]);
      await save([], [{ ...step("opened"), incidentId: "i-2" }]);
      await store.retain(NOW + 399 * 24 * HOUR, KEEP);
      expect(await store.readIncident(1, "i-2")).not.toBeNull();
      const { deleted } = await store.retain(NOW + 401 * 24 * HOUR, KEEP);
      expect(deleted).toMatchObject({ incident: 1, incident_update: 1 });
      expect(await store.readIncident(1, "i-2")).toBeNull();
      expect(await kinds()).toEqual(["opened"]);
    });

    it("tells what the numbers in cells stand for", async () => {
      const [cell] = cellsOf(store, [{ atMs: NOW }]);
      if (!cell) throw new Error("no cell");
      expect(store.cellOf(cell)).toMatchObject({ ...segment(), ...LOG, result: RESUMED });
      expect(store.cellOf({ ...cell, segmentId: 9_999 })).toBeNull();
    });
  });

  describe("everything else", () => {
    it("keeps changes once, finds them by window and scope", async () => {
      const change = {
        id: "c1",
        kind: "key_rotation" as const,
        atMs: NOW,
        endMs: null,
        endpoint: "shop.example",
        node: null,
        region: null,
        title: "Rotated the STEK",
        detail: null,
        ref: null,
        actor: "ann",
      };
      await push([], { changes: [change, { ...change, id: "c2", atMs: NOW - 1000, endpoint: null }] });
      await push([], { changes: [{ ...change, title: "again" }] });
      await store.recordChange(1, { ...change, id: "c3", atMs: NOW - HOUR }, { nowMs: NOW, via: "console" });
      const window = { fromMs: NOW - MINUTE, toMs: NOW + 1, limit: 10 };
      const found = await store.readChanges(1, window);
      expect(found.map((c) => [c.id, c.title])).toEqual([
        ["c1", "Rotated the STEK"],
        ["c2", "Rotated the STEK"],
      ]);
      expect((await store.readChanges(1, { ...window, endpoint: "other.example" })).map((c) => c.id)).toEqual(
        ["c2"],
      );
      expect(await store.readChange(1, "c3")).toMatchObject({
        via: "console",
        recordedMs: NOW,
        actor: "ann",
      });
      expect(await store.readChange(2, "c3")).toBeNull();
    });

    it("adds up sources and what was refused of them", async () => {
      const delta = (accepted: number, reason: string): SourceDelta => ({
        source: "nginx",
        transport: "syslog_udp",
        sender: "edge-1",
        accepted,
        rejected: 1,
        duplicate: 2,
        overflowed: 3,
        lastEventMs: accepted ? NOW : null,
        rejections: new Map([[reason, { count: 1, sample: "bad line" }]]),
        lastHandshake: null,
        breaches: new Map([["counters_monotone", { count: 2, detail: "ssl_sess fell" }]]),
      });
      await push([], { sources: [delta(5, "not JSON")] });
      nowMs = NOW + 1000;
      await push([], { sources: [delta(0, "not JSON"), { ...delta(1, "too long"), sender: "edge-2" }] });
      const sources = await store.readSources(1);
      const first = sources.find((s) => s.sender === "edge-1");
      expect(first).toMatchObject({
        accepted: 5,
        rejected: 2,
        duplicate: 4,
        overflowed: 6,
        lastEventMs: NOW,
      });
      expect(first).toMatchObject({ firstSeenMs: NOW, lastSeenMs: NOW + 1000 });
      expect(first?.rejections).toEqual([
        { reason: "not JSON", count: 2, lastMs: NOW + 1000, sample: "bad line" },
      ]);
      expect(first?.breaches).toEqual([
        {
          invariant: "counters_monotone",
          count: 4,
          firstMs: NOW,
          lastMs: NOW + 1000,
          detail: "ssl_sess fell",
        },
      ]);
    });

    it("remembers answered pushes until their retention is over", async () => {
      await push([{ atMs: NOW }], { batches: [{ key: "k", digest: "d", reply: "{}" }] });
      expect(await store.findBatch(1, "k")).toEqual({ key: "k", digest: "d", reply: "{}" });
      expect(await store.findBatch(2, "k")).toBeNull();
      await store.retain(NOW + 2 * HOUR, KEEP);
      expect(await store.findBatch(1, "k")).toBeNull();
    });

    it("commits all or nothing", async () => {
      const batch = { key: "once", digest: "d", reply: "{}" };
      await push([{ atMs: NOW, count: 1 }], { batches: [batch] });
      await expect(
        push([{ atMs: NOW, count: 10, segment: segment({ node: "new" }) }], { batches: [batch] }),
      ).rejects.toThrow(/commit/);
      expect(total((await read()).rows)).toBe(1);
      await push([{ atMs: NOW, count: 100, segment: segment({ node: "new" }) }]);
      expect(total((await read({ by: ["node"] })).rows)).toBe(101);
    });

    it("keeps samples and cache readings with their unknowns", async () => {
      const cache = {
        atMs: NOW,
        endpoint: null,
        node: "edge-1",
        cache: "shared",
        hits: 10,
        misses: 2,
        inserts: null,
        evictions: null,
        entries: null,
        capacity: 20_000,
        timeoutS: 300,
      };
      const handshake = {
        ...segment(),
        ...FULL,
        outcome: "failed" as const,
        atMs: NOW,
        cipher: null,
        group: null,
        handshakeUs: null,
        ttfbUs: null,
        ticketAgeS: null,
        keyName: null,
        ticketId: null,
        client: null,
        alert: "unknown_ca",
        count: 1,
      };
      await push([], { caches: [cache], samples: [{ sampleKind: "failed:unknown_ca", handshake }] });
      const window = { fromMs: NOW - 1, toMs: NOW + 1, limit: 5 };
      expect(await store.readCaches(1, window)).toEqual([cache]);
      const samples = await store.readSamples(1, { ...window, sampleKind: "failed:unknown_ca" });
      expect(samples.map((s) => s.handshake)).toEqual([handshake]);
      expect(await store.readSamples(1, { ...window, sampleKind: "slowest" })).toEqual([]);
    });

    it("keeps how far imports have come, with what they brought and beyond every retention", async () => {
      const [head, other] = ["a", "b"].map((digit) => digit.repeat(64)) as [string, string];
      const state = (id: string, lines: number) => ({ id, source: "nginx", head, lines, digest: other });
      await push([{ atMs: NOW }], { imports: [state("first", 10)] });
      await push([{ atMs: NOW }], { imports: [state("second", 70)] });
      await push([{ atMs: NOW }], { imports: [state("first", 20)] });
      await store.retain(NOW + 1_000 * 24 * HOUR, { ...KEEP, batchesMs: 0 });
      expect(await store.findImports(1, { source: "nginx", head })).toEqual([
        state("second", 70),
        state("first", 20),
      ]);
      expect(await store.findImports(1, { source: "haproxy", head })).toEqual([]);
      expect(await store.findImports(1, { source: "nginx", head: other })).toEqual([]);
      expect(await store.findImports(2, { source: "nginx", head })).toEqual([]);
    });

    it("a second opening reads what is committed, sees new segments, and notices commits by the revision", async () => {
      const reader = await engine.openReader(() => nowMs);
      await push([{ atMs: NOW, count: 4 }]);
      const query = { fromMs: NOW - HOUR, toMs: NOW + HOUR, stepMs: MINUTE };
      const before = await reader.revision();
      expect(total((await reader.readRollups(1, query)).rows)).toBe(4);
      await push([{ atMs: NOW, count: 5, segment: segment({ endpoint: "new.example" }) }]);
      expect(await reader.revision()).not.toBe(before);
      expect(
        total((await reader.readRollups(1, { ...query, filter: { endpoint: ["new.example"] } })).rows),
      ).toBe(5);
      expect((await reader.extent(1))?.toMs).toBe(Math.floor(NOW / 10_000) * 10_000 + 10_000);
      await reader.close();
    });

    it("a reader in the middle of a long window never stops the writer", async () => {
      const reader = await engine.openReader(() => nowMs);
      const reads = Array.from({ length: 20 }, () =>
        reader.readRollups(1, { fromMs: NOW - 90 * 24 * HOUR, toMs: NOW + HOUR, stepMs: HOUR }),
      );
      const writes = Array.from({ length: 20 }, () => push([{ atMs: NOW }]));
      await Promise.all([...reads, ...writes]);
      expect(
        total((await reader.readRollups(1, { fromMs: NOW - HOUR, toMs: NOW + HOUR, stepMs: MINUTE })).rows),
      ).toBe(20);
      await reader.close();
    });
  });
}

import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrateStoreCommand } from "../../collector/cli/migrate-store.ts";
import type { Result } from "../../lib/domain/handshake.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { readSettings, SettingsError } from "../../lib/runtime/settings.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import { ClickhouseSums } from "../../lib/store/clickhouse/sums.ts";
import { openReadStore } from "../../lib/store/open.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type RollupQuery, type WriteStore } from "../../lib/store/port.ts";
import { openConnection } from "../../lib/store/sqlite/client.ts";
import { copySums } from "../../lib/store/sqlite/move-sums.ts";
import { type ClickhouseServer, startClickhouse } from "../support/clickhouse.ts";
import { push, startCollector, totalsOf, until } from "../support/collector.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 24, 22, 50);

let server: ClickhouseServer;
let folder: string;
let database = 0;
let nowMs: number;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startClickhouse();
});
afterAll(() => server.destroy());
beforeEach(async () => {
  await server.start();
  folder = await mkdtemp(join(tmpdir(), "reprise-clickhouse-store-"));
  database += 1;
  nowMs = START;
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await rm(folder, { recursive: true });
});

const at = (name = "reprise.db", storeUrl = server.url(`d${database}`)) => ({
  ...{ file: join(folder, name), storeUrl, clock: () => nowMs },
});
const kept = <T extends { close(): Promise<void> }>(store: T): T => {
  open.push(store);
  return store;
};
const openStore = async (...place: Parameters<typeof at>): Promise<WriteStore> =>
  kept(await openWriteStore(at(...place)));

const result = (outcome: "full" | "resumed"): Result => ({
  ...{ outcome, offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null },
});

/** Handshakes of every ten seconds of a minute, on several nodes: one commit each. Answers how many. */
async function tell(stores: readonly WriteStore[], minuteMs: number): Promise<number> {
  let told = 0;
  for (let second = 0; second < 60; second += 10) {
    for (const store of stores) {
      const cells = ["a", "b", "o'; DROP TABLE minutes; --"].flatMap((node, index) =>
        (["full", "resumed"] as const).map((outcome) => {
          const histogram = new Histogram();
          histogram.add(100 * (index + 1) + second, 2);
          const segment = {
            endpoint: "shop",
            node,
            region: null,
            family: null,
            protocol: "TLSv1.3",
          } as const;
          const origin = { source: "native", system: null, vantage: "log" } as const;
          return {
            bucketStartMs: minuteMs + second * 1_000,
            segmentId: store.internSegment(1, segment, origin),
            resultId: store.internResult(result(outcome)),
            count: 2 + index,
            ...{ handshakeUs: histogram.encode(), ttfbUs: null, ticketAgeS: null },
          };
        }),
      );
      await store.commit(1, { ...EMPTY_COMMIT, cells }, nowMs);
      if (store === stores[0]) told += cells.reduce((sum, { count }) => sum + count, 0);
    }
  }
  return told;
}

const QUERIES: readonly Partial<RollupQuery>[] = [
  {},
  { by: ["node"], histograms: ["handshakeUs"] },
  { by: ["endpoint"], stepMs: HOUR },
  { by: ["node", "protocol"], filter: { node: ["o'; DROP TABLE minutes; --", "a"] }, outcomes: ["resumed"] },
  { stepMs: HOUR, histograms: ["handshakeUs"] },
];

async function figures(store: Pick<WriteStore, "readRollups">, toMs = START + 12 * HOUR): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const query of QUERIES) {
    const window = { fromMs: START - HOUR, toMs, stepMs: MINUTE };
    const { rows } = await store.readRollups(1, { ...window, ...query });
    const texts = rows.map(({ handshakeUs, ...row }) =>
      JSON.stringify([
        row.bucketStartMs,
        row.group,
        row.outcome,
        row.count,
        handshakeUs && [...handshakeUs.encode()],
      ]),
    );
    answers.push(texts.sort());
  }
  return answers;
}

async function total(store: Pick<WriteStore, "readRollups">): Promise<number> {
  const window = { fromMs: START - HOUR, toMs: START + 12 * HOUR, stepMs: HOUR };
  const { rows } = await store.readRollups(1, window);
  return rows.reduce((sum, { count }) => sum + count, 0);
}

it("adds every block once, however often the server is killed meanwhile", async () => {
  const near = await openStore("near.db", "");
  let far = await openStore();
  for (let round = 0; round < 6; round += 1) {
    for (let minute = 0; minute < 3; minute += 1) await tell([near, far], nowMs + minute * MINUTE);
    // Late ones for a minute that was summed before.
    await tell([near, far], START);
    nowMs += 30 * MINUTE;
    await near.compact(nowMs);
    const compaction = far.compact(nowMs).then(
      () => null,
      (error: unknown) => error,
    );
    await new Promise((resolve) => setTimeout(resolve, round * 12));
    await server.kill();
    const error = await compaction;
    if (error !== null) expect(error).toBeInstanceOf(WorldError);
    if (round === 3) {
      // The collector goes away in between, and comes back before the server.
      await far.close();
      far = await openStore();
    }
    await server.start();
  }
  await far.compact(nowMs);
  expect(await figures(far)).toEqual(await figures(near));
  expect(await server.ask(`SELECT count() > 0 FROM d${database}.minutes`)).toBe("1\n");
}, 120_000);

it("tells all and nothing twice at every moment of a compaction, to the console too", async () => {
  const store = await openStore();
  const reader = kept(openReadStore(at()));
  let told = 0;
  let reads = 0;
  for (let round = 0; round < 8; round += 1) {
    told += await tell([store], nowMs);
    if (round % 2 === 1) told += await tell([store], nowMs - 90 * MINUTE);
    nowMs += 45 * MINUTE;
    let isDone = false;
    const compaction = store.compact(nowMs).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      expect(await total(reader)).toBe(told);
      expect(await total(store)).toBe(told);
      reads += 2;
    }
    await compaction;
    expect(await total(reader)).toBe(told);
  }
  expect(reads).toBeGreaterThan(10);
}, 60_000);

it("a collector takes and acknowledges while the server is away, and nothing is lost or doubled", async () => {
  const collector = await startCollector({ storeUrl: server.url(`d${database}`), dataDir: folder });
  open.push(collector);
  const event = (second: number) => ({
    ...{ ts: Date.now() - second * 1_000, endpoint: "shop", node: "a" },
    ...{ protocol: "TLSv1.3", outcome: second % 4 === 0 ? "full" : "resumed" },
  });
  const send = () =>
    push(
      `${collector.url}/v1/handshakes`,
      Array.from({ length: 200 }, (_, at) => event(at)),
    );
  expect((await send()).status).toBe(200);
  await collector.store.compact(Date.now() + 2 * MINUTE);
  await server.kill();
  expect((await send()).body.accepted).toBe(200);
  await expect(collector.store.compact(Date.now() + 2 * MINUTE)).rejects.toThrow(/ClickHouse/);
  // Ten seconds are in the file; minutes are not told by half.
  expect(await totalsOf(collector, HOUR)).toEqual({ full: 100, resumed: 300 });
  await expect(total(collector.store)).rejects.toThrow(/ClickHouse/);
  await server.start();
  await collector.store.compact(Date.now() + 2 * MINUTE);
  expect((await send()).body.accepted).toBe(200);
  const minutes = { fromMs: Date.now() - HOUR, toMs: Date.now() + HOUR, stepMs: MINUTE };
  await until(async () => {
    await collector.store.compact(Date.now() + 2 * MINUTE);
    const { rows } = await collector.store.readRollups(1, minutes);
    return rows.reduce((sum, { count }) => sum + count, 0) === 600;
  });
}, 60_000);

it("refuses what would mix up sums, with a sentence", async () => {
  await (await openWriteStore(at())).close();
  await copyFile(join(folder, "reprise.db"), join(folder, "old.db"));
  const here = await openStore();
  await tell([here], nowMs);
  nowMs += HOUR;
  await here.compact(nowMs);
  await expect(openStore("other.db")).rejects.toThrow(/belongs to another Reprise/);
  await expect(openStore("reprise.db", "")).rejects.toThrow(/set REPRISE_STORE_URL as before/);
  const near = await openStore("near.db", "");
  await tell([near], START);
  await near.compact(nowMs);
  await expect(openStore("near.db")).rejects.toThrow(/migrate-store/);
  await expect(openStore("reprise.db", "clickhouse+http://127.0.0.1:1/x'y")).rejects.toThrow(
    /letters, digits/,
  );
  await expect(startCollector({ dataDir: folder, storeUrl: "mysql://x" })).rejects.toThrow(SettingsError);
  await here.close();
  await expect(openStore("old.db")).rejects.toThrow(/newer than this data folder/);
  await server.ask(`INSERT INTO d${database}.facts (name, value) VALUES ('schema', 99)`);
  await expect(openStore()).rejects.toThrow(/newer release/);
  const wrong = server.url(`d${database}`).replace("secret", "guess");
  await expect(openStore("reprise.db", wrong)).rejects.toSatisfy(
    (error: unknown) => error instanceof WorldError && !error.retryable && !error.message.includes("guess"),
  );
}, 60_000);

describe("reprise migrate-store", () => {
  const settings = () => ({ ...readSettings({}), dataDir: folder, storeUrl: server.url(`d${database}`) });
  const moved = async () => {
    const io = { stdout: new PassThrough(), stderr: new PassThrough() };
    const code = await migrateStoreCommand(settings(), io);
    return { code, said: String(io.stdout.read() ?? ""), told: String(io.stderr.read() ?? "") };
  };

  /** Ten days with an hour told in each, partly in summed minutes. */
  async function fill(): Promise<unknown[]> {
    const near = await openWriteStore(at("reprise.db", ""));
    for (let day = 0; day < 10; day += 1) {
      for (let minute = 0; minute < 4; minute += 1) await tell([near], nowMs + minute * 17 * MINUTE);
      nowMs += 24 * HOUR;
      await near.compact(nowMs);
    }
    // Not summed yet: it stays in the file, and counts all the same.
    await tell([near], nowMs);
    const before = await wholeFigures(near);
    await near.close();
    return before;
  }
  const wholeFigures = (store: WriteStore) => figures(store, START + 11 * 24 * HOUR);

  it("moves every figure, goes on after the server was killed, and says so when there is nothing left", async () => {
    const before = await fill();
    await server.kill();
    expect(await moved()).toMatchObject({ code: 1, told: expect.stringMatching(/run it again/) });
    await server.start();
    const killing = new Promise((resolve) => setTimeout(resolve, 400)).then(() => server.kill());
    const first = await moved();
    await killing;
    await server.start();
    if (first.code === 1) expect((await moved()).code).toBe(0);
    const far = await openStore();
    expect(await wholeFigures(far)).toEqual(before);
    nowMs += HOUR;
    await far.compact(nowMs);
    expect(await wholeFigures(far)).toEqual(before);
    expect((await moved()).told).toMatch(/in use/);
    await far.close();
    expect(await moved()).toMatchObject({ code: 0, said: expect.stringMatching(/nothing to move/) });
  }, 120_000);

  it("finds out what did not arrive as it was", async () => {
    await fill();
    const day = Math.floor(START / (24 * HOUR)) * 24 * HOUR;
    const url = server.url(`d${database}`);
    const far = new ClickhouseSums(url);
    const put = far.move.put.bind(far.move);
    far.move.put = (stretch, rows) => put(stretch, stretch.fromMs === day ? rows.slice(1) : rows);
    const connection = openConnection(join(folder, "reprise.db"), true);
    await far.prepare(1);
    const copy = copySums(await connection.direct(), far.move, () => {});
    await expect(copy).rejects.toThrow(/Figures differ for rows of 60 s/);
    await connection.prisma.$disconnect();
    await far.close();
  }, 60_000);

  it("asks where to, and finds no store", async () => {
    const io = { stdout: new PassThrough(), stderr: new PassThrough() };
    expect(await migrateStoreCommand({ ...settings(), storeUrl: "" }, io)).toBe(2);
    expect((await moved()).told).toMatch(/no store/);
  });
});

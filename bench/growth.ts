/** What grows with what: CPU of ingest and of reads from 1 to 100 times as many events, segments and stored days. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUCKET_MS, packTable } from "../lib/store/cell-block.ts";
import { CellTable } from "../lib/store/cell-table.ts";
import { openReadStore } from "../lib/store/open.ts";
import { openWriteStore } from "../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../lib/store/port.ts";
import { seeded } from "./generate.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PUSH_EVENTS = 5_000;

export type GrowthRow = {
  readonly what: string;
  readonly times: number;
  /** CPU microseconds of an event, from folded numbers to what minutes and hours hold. */
  readonly eventUs: number;
  /** CPU milliseconds of a read of the last day by endpoint, in steps of five minutes, and of its resume rate in total. */
  readonly byEndpointMs: number;
  readonly totalMs: number;
  readonly megabytes: number;
};

type Shape = { readonly events: number; readonly segments: number; readonly days: number };
const ONE: Shape = { events: 20_000, segments: 50, days: 1 };

/** Ten, then a hundred times as much of one thing, with the others as they were. */
export async function benchGrowth(): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [await measure("all", 1, ONE)];
  for (const what of ["events", "segments", "days"] as const)
    for (const times of [10, 100])
      rows.push(await measure(what, times, { ...ONE, [what]: ONE[what] * times }));
  return rows;
}

const cpuUs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};

async function measure(what: string, times: number, shape: Shape): Promise<GrowthRow> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-growth-"));
  const file = join(folder, "reprise.db");
  const nowMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const store = await openWriteStore({ file, clock: () => nowMs });
  const numbers = internAll(store, shape.segments);
  await fillDays(store, { ...numbers, nowMs, days: shape.days });
  const before = process.cpuUsage();
  await ingest(store, { ...numbers, nowMs, events: shape.events });
  const eventUs = cpuUs(before) / shape.events;
  await store.close();
  const reader = openReadStore({ file, clock: () => nowMs });
  const window = { fromMs: nowMs - DAY_MS, toMs: nowMs, stepMs: 5 * MINUTE_MS };
  const timed = async (by: readonly "endpoint"[]): Promise<number> => {
    await reader.readRollups(1, { ...window, by });
    const start = process.cpuUsage();
    for (let turn = 0; turn < 5; turn += 1) await reader.readRollups(1, { ...window, by });
    return cpuUs(start) / 5_000;
  };
  const [byEndpointMs, totalMs] = [await timed(["endpoint"]), await timed([])];
  const bytes = statSync(file).size;
  await reader.close();
  rmSync(folder, { recursive: true });
  return { what, times, eventUs, byEndpointMs, totalMs, megabytes: bytes / 1e6 };
}

type Numbers = { readonly segments: readonly number[]; readonly results: readonly number[] };

function internAll(store: WriteStore, count: number): Numbers {
  const unknown = { offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null };
  const results = (["full", "resumed"] as const).map((outcome) =>
    store.internResult({ ...unknown, outcome }),
  );
  const origin = { source: "native", system: null, vantage: "log" } as const;
  const segments = Array.from({ length: count }, (_, at) => {
    const endpoint = `ep-${Math.floor(at / 10)}.example`;
    const where = {
      endpoint,
      node: `n-${at % 5}`,
      region: `r-${at % 5}`,
      family: at % 10 < 5 ? "chrome" : "ios",
    };
    return store.internSegment(1, { ...where, protocol: "TLSv1.3" }, origin);
  });
  return { segments, results };
}

/** A day is 24 hours of one handshake an hour in each segment and result. */
async function fillDays(
  store: WriteStore,
  { segments, results, nowMs, days }: Numbers & { readonly nowMs: number; readonly days: number },
): Promise<void> {
  const table = new CellTable();
  for (let hour = days * 24; hour > 0; hour -= 1) {
    const bucket = (nowMs - hour * HOUR_MS) / BUCKET_MS;
    for (const segmentId of segments)
      for (const resultId of results) {
        const cell = table.cell(bucket, 0, segmentId, resultId);
        table.addCount(cell, 1);
        table.addValue(cell, 0, 1_000 + segmentId, 1);
      }
    await commit(store, table, nowMs);
    if (hour % 48 === 1) await store.compact(nowMs);
  }
}

/** Events over ten minutes, in pushes of some thousand, summed once a minute. */
async function ingest(
  store: WriteStore,
  { segments, results, nowMs, events }: Numbers & { readonly nowMs: number; readonly events: number },
): Promise<void> {
  const random = seeded(11);
  const table = new CellTable();
  const spanMs = 10 * MINUTE_MS;
  let summedMs = nowMs - spanMs;
  for (let at = 0; at < events; at += 1) {
    const atMs = nowMs - spanMs + Math.floor((at / events) * spanMs);
    const segmentId = segments[Math.floor(segments.length * random() ** 2)] as number;
    const resultId = results[random() < 0.4 ? 0 : 1] as number;
    const cell = table.cell(Math.floor(atMs / BUCKET_MS), 0, segmentId, resultId);
    table.addCount(cell, 1);
    table.addValue(cell, 0, Math.round(Math.exp(6 + random() * 3)), 1);
    if ((at + 1) % PUSH_EVENTS === 0) await commit(store, table, atMs);
    if (atMs < summedMs + MINUTE_MS) continue;
    summedMs += MINUTE_MS;
    await store.compact(atMs);
  }
  await commit(store, table, nowMs);
  await store.compact(nowMs + 2 * MINUTE_MS);
}

async function commit(store: WriteStore, table: CellTable, nowMs: number): Promise<void> {
  if (table.size === 0) return;
  const cells = Array.from({ length: table.size }, (_, cell) => cell);
  const buckets = cells.map((cell) => table.bucketOf(cell));
  const packed = {
    bytes: packTable(table, cells),
    fromMs: Math.min(...buckets) * BUCKET_MS,
    toMs: (Math.max(...buckets) + 1) * BUCKET_MS,
  };
  await store.commit(1, { ...EMPTY_COMMIT, packed }, nowMs);
  table.clear();
}

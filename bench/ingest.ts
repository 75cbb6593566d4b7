/** Events per CPU-second from HTTP push to durable rollups, against plain yardsticks in the same run. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { FORMATS } from "./formats.ts";
import { nativeLines, type Span } from "./generate.ts";
import { cpuSecondsOf, memoryMb, settled } from "./proc.ts";
import { type CollectorProcess, startCollectorProcess } from "./process.ts";
import { inLines, type Load, push } from "./push.ts";

/** Counted events of a case, after as many that are not: a collector that has run for a while knows its senders. */
const EVENTS = 500_000;
const YARDSTICK_EVENTS = 100_000;
const RUNS = 3;
/** One sender tells of 19,200 segments here: none of them counts as another. */
const EVERY_DIMENSION = { REPRISE_MAX_SEGMENTS_PER_SOURCE: "50000" };
/** Until cells that came now are summed: a minute, its grace, and the job's own pace. */
const SUMMED_MS = 95_000;
/** As it happens: nothing is late. */
const SPAN_MS = 15_000;

export type Row = { readonly name: string; readonly perCpuSecond: number; readonly note: string };
type Case = {
  readonly name: string;
  /** Made when it is sent: events that were made before would be late by then. */
  readonly load: (seed: number) => Load;
  readonly connections: number;
  /** Settings that differ from the usual. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Also waits until everything is summed into minutes and hours, and tells what that cost. */
  readonly summed?: boolean;
};

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;

/** Pushes a load; answers the CPU seconds that the collector used until the last answer. */
async function pushAll(collector: CollectorProcess, load: Load, connections: number): Promise<number> {
  const before = cpuSecondsOf(collector.pid);
  await push(collector.url, load, connections);
  return cpuSecondsOf(collector.pid) - before;
}

async function measure(test: Case, isLast: boolean): Promise<{ perCpuSecond: number; note: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const collector = await startCollectorProcess(spawn, dataDir, { ...EVERY_DIMENSION, ...test.environment });
  await settled(collector.pid);
  await pushAll(collector, test.load(6), test.connections);
  const load = test.load(7);
  const cpu = await pushAll(collector, load, test.connections);
  const notes = [`peak ${memoryMb(collector.pid, "peak").toFixed(0)} MB`];
  if (test.summed && isLast) {
    const before = cpuSecondsOf(collector.pid);
    await new Promise((resolve) => setTimeout(resolve, SUMMED_MS));
    const later = cpuSecondsOf(collector.pid) - before;
    notes.push(`${((later / load.events / 2) * 1e6).toFixed(2)} µs an event later, for sums and detection`);
  }
  await collector.stop();
  const bytes = statSync(join(dataDir, "reprise.db")).size;
  notes.push(`${(bytes / 2 / load.events).toFixed(1)} MB on disk per million`);
  rmSync(dataDir, { recursive: true });
  return { perCpuSecond: load.events / cpu, note: notes.join(", ") };
}

function yardsticks(lines: readonly string[]): Row[] {
  const timed = (work: () => void): number => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return lines.length / ((user + system) / 1e6);
  };
  let fields = 0;
  const parse = timed(() => {
    for (const line of lines) fields += Object.keys(JSON.parse(line)).length;
  });
  const folder = mkdtempSync(join(tmpdir(), "reprise-yardstick-"));
  const db = new Database(join(folder, "raw.db"));
  db.pragma("journal_mode = WAL");
  db.exec(
    "CREATE TABLE e (ts INTEGER, endpoint TEXT, node TEXT, region TEXT, family TEXT, protocol TEXT, outcome TEXT, us INTEGER)",
  );
  const insert = db.prepare("INSERT INTO e VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const raw = timed(() => {
    for (let at = 0; at < lines.length; at += 5_000)
      db.transaction(() => {
        for (const line of lines.slice(at, at + 5_000)) {
          const e = JSON.parse(line);
          insert.run(e.ts, e.endpoint, e.node, e.region, e.family, e.protocol, e.outcome, e.handshakeUs);
        }
      })();
  });
  db.close();
  rmSync(folder, { recursive: true });
  return [
    { name: "JSON.parse of each line", perCpuSecond: parse, note: `${fields} fields read` },
    { name: "better-sqlite3 raw inserts, 5,000 a commit", perCpuSecond: raw, note: "parsing included" },
  ];
}

/** As it happens, with chance from a seed. */
const at = (seed: number): Span => ({ seed, endMs: Date.now(), spanMs: SPAN_MS });

const formatCases = (): Case[] =>
  FORMATS.map(({ name, load }) => ({ name, load: (seed) => load(at(seed)), connections: 8 }));

/** Every case, medians of a few runs. */
export async function benchIngest(): Promise<Row[]> {
  const native = (seed: number): string[] => nativeLines(EVENTS, at(seed));
  const tickets = (seed: number): string[] => nativeLines(EVENTS, { ...at(seed), tickets: true });
  const loaded = (lines: (seed: number) => string[], batch: number) => (seed: number) =>
    inLines("/v1/handshakes", lines(seed), batch);
  const cases: Case[] = [
    { name: "native NDJSON, 5,000 a push", load: loaded(native, 5_000), connections: 8, summed: true },
    { name: "native NDJSON, 100 a push", load: loaded(native, 100), connections: 32 },
    {
      name: "native NDJSON, 1 a push, 32 connections",
      load: loaded((seed) => native(seed).slice(0, 30_000), 1),
      connections: 32,
    },
    {
      name: "native with tickets and clients, 5,000 a push",
      load: loaded(tickets, 5_000),
      connections: 8,
    },
    {
      name: "the same without looking for misuse",
      load: loaded(tickets, 5_000),
      connections: 8,
      environment: { REPRISE_MISUSE: "0" },
    },
    ...formatCases(),
  ];
  const rows: Row[] = [];
  for (const test of cases) rows.push(await middleOf(test));
  return [...yardsticks(nativeLines(YARDSTICK_EVENTS, at(7))), ...rows];
}

/** The formats alone, beside the first case of native lines. */
export async function benchFormats(): Promise<Row[]> {
  const native = (seed: number): Load => inLines("/v1/handshakes", nativeLines(EVENTS, at(seed)), 5_000);
  const rows = [await middleOf({ name: "native NDJSON, 5,000 a push", load: native, connections: 8 })];
  for (const test of formatCases()) rows.push(await middleOf(test));
  return rows;
}

async function middleOf(test: Case): Promise<Row> {
  const runs = [];
  for (let run = 1; run <= RUNS; run += 1) runs.push(await measure(test, run === RUNS));
  const perCpuSecond = median(runs.map((one) => one.perCpuSecond));
  return { name: test.name, perCpuSecond, note: runs.at(-1)?.note ?? "" };
}

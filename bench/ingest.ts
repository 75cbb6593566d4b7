/** Events per CPU-second from HTTP push to durable rollups, against plain yardsticks in the same run. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { nativeLines, nginxLines } from "./generate.ts";
import { type CollectorProcess, startCollectorProcess } from "./process.ts";

/** Counted events of a case, after as many that are not: a collector that has run for a while knows its senders. */
const EVENTS = 500_000;
const YARDSTICK_EVENTS = 100_000;
const RUNS = 3;
/** One sender tells of 19,200 segments here: none of them counts as another. */
const EVERY_DIMENSION = { REPRISE_MAX_SEGMENTS_PER_SOURCE: "50000" };
/** Until cells that came now are summed: a minute, its grace, and the job's own pace. */
const SUMMED_MS = 95_000;
/** A process that used no more than this in half a second is idle. */
const IDLE_CPU_S = 0.01;
/** As it happens: nothing is late. */
const SPAN_MS = 15_000;

export type Row = { readonly name: string; readonly perCpuSecond: number; readonly note: string };
type Case = {
  readonly name: string;
  readonly path: string;
  /** Made when they are sent: events that were made before would be late by then. */
  readonly lines: (seed: number) => string[];
  readonly batch: number;
  readonly connections: number;
  /** Settings that differ from the usual. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Also waits until everything is summed into minutes and hours, and tells what that cost. */
  readonly summed?: boolean;
};

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;

/** CPU seconds that a process has used so far (user and system), from /proc. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** Waits until a start is over: V8 goes on compiling in the background for a while, which is no cost of an event. */
async function settled(pid: number): Promise<void> {
  for (let last = cpuSecondsOf(pid), next = last; ; last = next) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    next = cpuSecondsOf(pid);
    if (next - last <= IDLE_CPU_S) return;
  }
}

/** Pushes lines over so many connections at once; answers the CPU seconds that the collector used until the last answer. */
async function pushAll(collector: CollectorProcess, test: Case, lines: readonly string[]): Promise<number> {
  const bodies: string[] = [];
  for (let at = 0; at < lines.length; at += test.batch)
    bodies.push(lines.slice(at, at + test.batch).join("\n"));
  const before = cpuSecondsOf(collector.pid);
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let index = next++; index < bodies.length; index = next++) {
      const response = await fetch(`${collector.url}${test.path}`, {
        method: "POST",
        body: bodies[index] ?? "",
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: test.connections }, sender));
  return cpuSecondsOf(collector.pid) - before;
}

async function measure(test: Case, isLast: boolean): Promise<{ perCpuSecond: number; note: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const collector = await startCollectorProcess(spawn, dataDir, { ...EVERY_DIMENSION, ...test.environment });
  await settled(collector.pid);
  await pushAll(collector, test, test.lines(6));
  const lines = test.lines(7);
  const cpu = await pushAll(collector, test, lines);
  const notes = [`peak ${peakMb(collector.pid).toFixed(0)} MB`];
  if (test.summed && isLast) {
    const before = cpuSecondsOf(collector.pid);
    await new Promise((resolve) => setTimeout(resolve, SUMMED_MS));
    const later = cpuSecondsOf(collector.pid) - before;
    notes.push(`${((later / lines.length / 2) * 1e6).toFixed(2)} µs an event later, for sums and detection`);
  }
  await collector.stop();
  const bytes = statSync(join(dataDir, "reprise.db")).size;
  notes.push(`${(bytes / 2 / lines.length).toFixed(1)} MB on disk per million`);
  rmSync(dataDir, { recursive: true });
  return { perCpuSecond: lines.length / cpu, note: notes.join(", ") };
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

/** Every case, medians of a few runs. */
export async function benchIngest(): Promise<Row[]> {
  const at = (seed: number) => ({ seed, endMs: Date.now(), spanMs: SPAN_MS });
  const native = (seed: number): string[] => nativeLines(EVENTS, at(seed));
  const tickets = (seed: number): string[] => nativeLines(EVENTS, { ...at(seed), tickets: true });
  const handshakes = { path: "/v1/handshakes", connections: 8 };
  const cases: Case[] = [
    { name: "native NDJSON, 5,000 a push", ...handshakes, lines: native, batch: 5_000, summed: true },
    { name: "native NDJSON, 100 a push", ...handshakes, connections: 32, lines: native, batch: 100 },
    {
      name: "native NDJSON, 1 a push, 32 connections",
      ...{ ...handshakes, connections: 32, batch: 1 },
      lines: (seed) => native(seed).slice(0, 30_000),
    },
    { name: "native with tickets and clients, 5,000 a push", ...handshakes, lines: tickets, batch: 5_000 },
    {
      name: "the same without looking for misuse",
      ...{ ...handshakes, lines: tickets, batch: 5_000, environment: { REPRISE_MISUSE: "0" } },
    },
    {
      name: "nginx lines, 5,000 a push",
      ...{ path: "/v1/lines/nginx?node=a", connections: 8, batch: 5_000 },
      lines: (seed) => nginxLines(EVENTS, at(seed)),
    },
  ];
  const rows: Row[] = [];
  for (const test of cases) {
    const runs = [];
    for (let run = 1; run <= RUNS; run += 1) runs.push(await measure(test, run === RUNS));
    rows.push({
      name: test.name,
      perCpuSecond: median(runs.map((r) => r.perCpuSecond)),
      note: runs.at(-1)?.note ?? "",
    });
  }
  return [...yardsticks(nativeLines(YARDSTICK_EVENTS, at(7))), ...rows];
}

/** Events per CPU-second from HTTP push to durable rollups, against plain yardsticks in the same run. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { nativeLines, nginxLines } from "./generate.ts";
import { startCollectorProcess } from "./process.ts";

const EVENTS = 100_000;
const RUNS = 3;
/** A process that used no more than this in half a second is idle. */
const IDLE_CPU_S = 0.01;
/** As it happens: nothing is late, and a ten-second bucket gathers what it would at 7,000 events a second. */
const SPAN_MS = 15_000;

export type Row = { readonly name: string; readonly perCpuSecond: number; readonly note: string };
type Case = {
  readonly name: string;
  readonly path: string;
  /** Made when the collector is ready: events that were made before would be late by then, and late ones cost more. */
  readonly lines: () => string[];
  readonly batch: number;
  /** Settings that differ from the usual. */
  readonly environment?: Readonly<Record<string, string>>;
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

async function measure(test: Case): Promise<{ perCpuSecond: number; note: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const collector = await startCollectorProcess(spawn, dataDir, test.environment);
  await settled(collector.pid);
  const lines = test.lines();
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
  await Promise.all(Array.from({ length: 8 }, sender));
  const cpu = cpuSecondsOf(collector.pid) - before;
  const peak = peakMb(collector.pid);
  await collector.stop();
  const bytes = statSync(join(dataDir, "reprise.db")).size;
  rmSync(dataDir, { recursive: true });
  const perMillion = (bytes / lines.length).toFixed(1);
  return {
    perCpuSecond: lines.length / cpu,
    note: `peak ${peak.toFixed(0)} MB, ${perMillion} MB on disk per million`,
  };
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
  const at = () => ({ seed: 7, endMs: Date.now(), spanMs: SPAN_MS });
  const native = (): string[] => nativeLines(EVENTS, at());
  const tickets = (): string[] => nativeLines(EVENTS, { ...at(), tickets: true });
  const cases: Case[] = [
    { name: "native NDJSON, 5,000 a push", path: "/v1/handshakes", lines: native, batch: 5_000 },
    { name: "native NDJSON, 100 a push", path: "/v1/handshakes", lines: native, batch: 100 },
    {
      name: "native NDJSON, 1 a push",
      path: "/v1/handshakes",
      lines: () => native().slice(0, 10_000),
      batch: 1,
    },
    {
      name: "native with tickets and clients, 5,000 a push",
      path: "/v1/handshakes",
      lines: tickets,
      batch: 5_000,
    },
    {
      name: "the same without looking for misuse",
      path: "/v1/handshakes",
      lines: tickets,
      batch: 5_000,
      environment: { REPRISE_MISUSE: "0" },
    },
    {
      name: "nginx lines, 5,000 a push",
      path: "/v1/lines/nginx?node=a",
      lines: () => nginxLines(EVENTS, at()),
      batch: 5_000,
    },
  ];
  const rows: Row[] = [];
  for (const test of cases) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await measure(test));
    rows.push({
      name: test.name,
      perCpuSecond: median(runs.map((r) => r.perCpuSecond)),
      note: runs.at(-1)?.note ?? "",
    });
  }
  return [...yardsticks(native()), ...rows];
}

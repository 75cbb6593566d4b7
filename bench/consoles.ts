/** How long pushes wait for their commit, alone and with consoles open, and how long consoles wait while a year is summed. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATABASE_NAME } from "../lib/store/open.ts";
import { nativeLines } from "./generate.ts";
import { startCollectorProcess } from "./process.ts";
import { inLines, push } from "./push.ts";
import { fillStore } from "./read.ts";

const CONSOLES = 10;
const LOOK_EVERY_MS = 2_000;
const BATCH = 100;
const PUSHES_A_SECOND = 20;
const SECONDS = 30;
const YEAR_EVENTS = 60_000;
const DAY_MS = 86_400_000;

export type Latency = { readonly p50Ms: number; readonly p99Ms: number; readonly count: number };
export type ConsolesRow = {
  readonly name: string;
  readonly push: Latency;
  readonly overview: Latency | null;
};

function latencyOf(list: readonly number[]): Latency {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99), count: sorted.length };
}

/** Pushes at a steady pace, whatever the answers take; their milliseconds. */
async function pushSteadily(url: string): Promise<number[]> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const startMs = performance.now();
  for (let n = 0; n < SECONDS * PUSHES_A_SECOND; n += 1) {
    const dueMs = startMs + (n * 1_000) / PUSHES_A_SECOND;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const body = nativeLines(BATCH, { seed: n + 1, endMs: Date.now(), spanMs: 1_000 }).join("\n");
    const sentMs = performance.now();
    const sent = fetch(`${url}/v1/handshakes`, { method: "POST", body }).then(async (response) => {
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${response.status}`);
      times.push(performance.now() - sentMs);
    });
    pending.push(sent);
  }
  await Promise.all(pending);
  return times;
}

function openConsoles(file: string): { child: ChildProcess; times: number[] } {
  const words = ["bench/console-reads.ts", file, String(CONSOLES), String(LOOK_EVERY_MS)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const times: number[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    for (const line of String(chunk).split("\n")) if (line !== "") times.push(Number(line));
  });
  return { child, times };
}

/** A year of history, pushed at once: what comes of it has to be summed minute by minute. */
async function pushYear(url: string): Promise<void> {
  const lines = nativeLines(YEAR_EVENTS, { seed: 9, endMs: Date.now() - DAY_MS, spanMs: 365 * DAY_MS });
  await push(url, inLines("/v1/handshakes", lines, 5_000), 1);
}

/** The three states, one after another in one store of 90 days and 500 segments. */
export async function benchConsoles(): Promise<ConsolesRow[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "reprise-bench-consoles-"));
  const file = join(dataDir, DATABASE_NAME);
  await fillStore({ file, storeUrl: "" }, { days: 90, segmentCount: 500 });
  const collector = await startCollectorProcess(spawn, dataDir, { REPRISE_DETECT: "0" });
  const rows: ConsolesRow[] = [];
  await pushSteadily(collector.url);
  rows.push({ name: "no console", push: latencyOf(await pushSteadily(collector.url)), overview: null });
  const { child, times } = openConsoles(file);
  // A program that starts takes a core for a while, which is no console's doing.
  while (times.length < 2 * CONSOLES) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  times.splice(0);
  const withConsoles = latencyOf(await pushSteadily(collector.url));
  rows.push({ name: `${CONSOLES} consoles`, push: withConsoles, overview: latencyOf(times.splice(0)) });
  await pushYear(collector.url);
  times.splice(0);
  const whileSummed = latencyOf(await pushSteadily(collector.url));
  rows.push({ name: `the same while a year is summed`, push: whileSummed, overview: latencyOf(times) });
  child.kill();
  await collector.stop();
  rmSync(dataDir, { recursive: true });
  return rows;
}

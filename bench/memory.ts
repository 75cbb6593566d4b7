/** Whether a collector's memory grows with what it was told: events, and connections whose later requests it knows again. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { counted } from "./counted.ts";
import { nativeLines, nginxLines, type Span } from "./generate.ts";
import { forgetPeak, memoryMb } from "./proc.ts";
import { startCollectorProcess } from "./process.ts";
import { inLines, type Load, push } from "./push.ts";

const BATCH = 5_000;
const CHUNK = 100_000;
const CONNECTIONS = 4;
const EVENTS = 10_000_000;
const TLS_CONNECTIONS = 2_500_000;
const REQUESTS = 2;
const PARTS = 5;

export type MemoryRow = {
  readonly name: string;
  /** Most resident memory while a fifth of it came, MB, in order. */
  readonly peaksMb: readonly number[];
  /** Handshakes counted at the end beside those sent. */
  readonly difference: number;
};

type Course = {
  readonly name: string;
  readonly lines: number;
  /** What is counted of so many lines. */
  readonly handshakes: number;
  readonly load: (fromLine: number, at: Span) => Load;
};

const COURSES: readonly Course[] = [
  {
    name: "native NDJSON, handshakes",
    lines: EVENTS,
    handshakes: EVENTS,
    load: (_, at) => inLines("/v1/handshakes", nativeLines(CHUNK, at), BATCH),
  },
  {
    name: `nginx lines, ${REQUESTS} requests of each connection`,
    lines: TLS_CONNECTIONS * REQUESTS,
    handshakes: TLS_CONNECTIONS,
    load: (fromLine, at) => {
      const first = nginxLines(CHUNK / REQUESTS, at, 1 + fromLine / REQUESTS);
      const later = first.map((line) => line.replace('"connection_requests":1', '"connection_requests":2'));
      return inLines("/v1/lines/nginx?node=a", [...first, ...later], BATCH);
    },
  },
];

export async function benchMemory(): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const course of COURSES) rows.push(await run(course));
  return rows;
}

async function run(course: Course): Promise<MemoryRow> {
  const dataDir = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const collector = await startCollectorProcess(spawn, dataDir, { REPRISE_MAX_SEGMENTS_PER_SOURCE: "50000" });
  const peaksMb: number[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    forgetPeak(collector.pid);
    for (let line = (part * course.lines) / PARTS; line < ((part + 1) * course.lines) / PARTS; line += CHUNK)
      await push(
        collector.url,
        course.load(line, { seed: line + 7, endMs: Date.now(), spanMs: 1_000 }),
        CONNECTIONS,
      );
    peaksMb.push(memoryMb(collector.pid, "peak"));
  }
  await collector.stop();
  const taken = await counted(dataDir);
  rmSync(dataDir, { recursive: true });
  return { name: course.name, peaksMb, difference: taken - course.handshakes };
}

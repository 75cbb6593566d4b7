/** What a site that forwards sends over the line per million handshakes, and what that costs it, at some rates. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { counted } from "./counted.ts";
import { nativeLines } from "./generate.ts";
import { cpuSecondsOf } from "./proc.ts";
import { startCollectorProcess } from "./process.ts";

const PUSH_MS = 100;
/** The generator makes 19,200 segments, and every one is kept apart. */
const SETTINGS = { REPRISE_DETECT: "0", REPRISE_MAX_SEGMENTS_PER_SOURCE: "100000" };

type Case = { readonly perSecond: number; readonly seconds: number; readonly gatherMs: number };

export type ForwardRow = {
  readonly perSecond: number;
  readonly gatherMs: number;
  /** Both ways over TCP, HTTP heads and answers included, bytes per million handshakes. */
  readonly wireBytes: number;
  /** The same events as NDJSON under zstd, a push each tenth of a second. */
  readonly eventBytes: number;
  /** CPU seconds of the site's collector per million handshakes, forwarding and not. */
  readonly cpuSeconds: number;
  readonly cpuSecondsAlone: number;
  readonly centreCpuSeconds: number;
};

/** A proxy on loopback that counts what goes through it, both ways. */
async function countingProxy(target: number): Promise<{ port: number; bytes(): number; close(): void }> {
  let bytes = 0;
  const server = createServer((socket) => {
    const onward = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { port, bytes: () => bytes, close: () => server.close() };
}

/** Pushes as handshakes happen, for so many seconds; answers how many, and how large their pushes would be compressed. */
async function pushAsItHappens(url: string, perSecond: number, seconds: number) {
  const perPush = Math.round((perSecond * PUSH_MS) / 1_000);
  let eventBytes = 0;
  const startMs = Date.now();
  const pushes = (seconds * 1_000) / PUSH_MS;
  for (let n = 0; n < pushes; n += 1) {
    const dueMs = startMs + n * PUSH_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - Date.now())));
    // Seeds that lie close together would begin alike.
    const seed = Math.imul(n + 1, 2_654_435_761);
    const body = nativeLines(perPush, { seed, endMs: Date.now(), spanMs: PUSH_MS }).join("\n");
    eventBytes += zstdCompressSync(body).length;
    const response = await fetch(`${url}/v1/handshakes`, { method: "POST", body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  return { handshakes: perPush * pushes, eventBytes };
}

async function waiting(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return !/^reprise_forward_waiting_records 0$/m.test(text);
}

/** Pushes to a collector that was just started, waits until all is sent on, and ends it. */
async function run(at: Case, folder: string, more: Readonly<Record<string, string>> = {}) {
  const one = await startCollectorProcess(spawn, folder, { ...SETTINGS, ...more });
  const before = cpuSecondsOf(one.pid);
  const pushed = await pushAsItHappens(one.url, at.perSecond, at.seconds);
  await new Promise((resolve) => setTimeout(resolve, at.gatherMs + 1_500));
  while (await waiting(one.url)) await new Promise((resolve) => setTimeout(resolve, 200));
  const cpu = cpuSecondsOf(one.pid) - before;
  await one.stop();
  return { ...pushed, cpu };
}

async function measure(at: Case): Promise<ForwardRow> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-"));
  const alone = await run(at, join(folder, "alone"));
  const centre = await startCollectorProcess(spawn, join(folder, "centre"), SETTINGS);
  const proxy = await countingProxy(Number(new URL(centre.url).port));
  const centreBefore = cpuSecondsOf(centre.pid);
  const { handshakes, eventBytes, cpu } = await run(at, join(folder, "site"), {
    REPRISE_FORWARD_URL: `http://127.0.0.1:${proxy.port}`,
    REPRISE_FORWARD_GATHER_MS: String(at.gatherMs),
  });
  const centreCpu = cpuSecondsOf(centre.pid) - centreBefore;
  await centre.stop();
  proxy.close();
  const atCentre = await counted(join(folder, "centre"));
  if (atCentre !== handshakes) throw new Error(`the centre counts ${atCentre} of ${handshakes} handshakes`);
  rmSync(folder, { recursive: true });
  const perMillion = 1e6 / handshakes;
  return {
    ...{ perSecond: at.perSecond, gatherMs: at.gatherMs },
    wireBytes: proxy.bytes() * perMillion,
    eventBytes: eventBytes * perMillion,
    cpuSeconds: cpu * perMillion,
    cpuSecondsAlone: alone.cpu * perMillion,
    centreCpuSeconds: centreCpu * perMillion,
  };
}

/** Every case once, for `seconds` or as long as it gathers; some eight minutes. */
export async function benchForward(seconds = 30): Promise<ForwardRow[]> {
  const rows: ForwardRow[] = [];
  for (const [perSecond, gatherMs] of [
    [1_000, 5_000],
    [2_000, 5_000],
    [3_330, 5_000],
    [3_330, 60_000],
  ] as const)
    rows.push(await measure({ perSecond, gatherMs, seconds: Math.max(seconds, gatherMs / 1_000) }));
  return rows;
}

/**
 * The detector on a thread of its own, with its own opening of the store: however long it reads and thinks, and whatever
 * goes wrong in it, ingest does not notice. Takes one request at a time and answers each.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openReadStore } from "../../lib/store/open.ts";
import { readWindow, type StoredRead, type StoredWindow } from "./history.ts";
import { Judge, type Said } from "./judge.ts";
import { Unpacker } from "./packed.ts";
import type { Answer, Request, ThreadData } from "./thread.ts";

const { warmUpHours, tenant, ...opening } = workerData as ThreadData;
const judge = new Judge(warmUpHours === undefined ? {} : { warmUpHours });
const unpacker = new Unpacker();
// The time of whoever asks: it decides what the store still keeps.
let nowMs = 0;
const store = openReadStore({ ...opening, clock: () => nowMs });
let held: { readonly window: StoredWindow; readonly read: StoredRead } | null = null;

async function work(request: Request): Promise<readonly Said[]> {
  nowMs = request.nowMs;
  switch (request.kind) {
    case "read":
      held = { window: request.window, read: await readWindow(store, tenant, request.window) };
      return [];
    case "walk": {
      const { window, read } = held ?? { window: null, read: null };
      held = null;
      return window ? [...judge.walk(window, read)] : [];
    }
    case "step": {
      judge.learn(request.changes);
      const { caches, keys, tickMs } = request;
      return [judge.step({ rows: unpacker.unpack(request.rows), caches, keys, tickMs })];
    }
    case "learn":
      judge.learn(request.changes);
      return [];
  }
}

parentPort?.on("message", async (request: Request) => {
  const startMs = performance.now();
  let said: readonly Said[] = [];
  let problem: string | null = null;
  try {
    said = await work(request);
  } catch (error) {
    // What it has learnt is worth more than a clean slate: told, counted, and on to the next bucket.
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  parentPort?.postMessage({ said, seconds, leftOut: judge.leftOut, problem } satisfies Answer);
});

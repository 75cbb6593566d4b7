import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DetectorThread } from "../../collector/detect/thread.ts";
import { Detection } from "../../collector/jobs/detect.ts";
import { Scheduler } from "../../collector/jobs/scheduler.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { type Metrics, makeMetrics } from "../../lib/runtime/metrics.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { type Commit, EMPTY_COMMIT, type WriteStore } from "../../lib/store/port.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24);
const RETENTION = { tenSecondsMs: 21_600_000, minutesMs: 1_209_600_000, storeUrl: "" };

let folder: string;
let file: string;
let store: WriteStore;
let metrics: Metrics;
let detection: Detection;
let scheduler: Scheduler;
let nowMs = START;
/** What goes wrong in the store, by the name of the method. */
let broken: Partial<Record<keyof WriteStore, boolean>> = {};
/** What the store answers instead. */
let answers: Partial<Record<keyof WriteStore, unknown>> = {};

beforeEach(async () => {
  nowMs = START;
  broken = {};
  answers = {};
  folder = await mkdtemp(join(tmpdir(), "reprise-detect-failures-"));
  file = join(folder, "reprise.db");
  store = await openWriteStore({ file, clock: () => nowMs });
  metrics = makeMetrics();
  const tools = { clock: () => nowMs, metrics, log: makeLogger("silent") };
  const failing = new Proxy(store, {
    get: (target, name: keyof WriteStore) => {
      if (broken[name]) return () => Promise.reject(new Error("disk is gone"));
      if (answers[name]) return () => Promise.resolve(answers[name]);
      const own = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
  detection = new Detection({ ...tools, store: failing, thread: { file, tenant: 1, ...RETENTION } });
  scheduler = new Scheduler(tools);
});
afterEach(async () => {
  await detection.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

const turn = () => scheduler.turn(detection.job);
async function value(name: "jobFailures" | "detectedUntil" | "detectSeconds"): Promise<number> {
  const { values } = await metrics[name].get();
  const count = values.find((one) => !("metricName" in one) || String(one.metricName).endsWith("_count"));
  return count?.value ?? 0;
}
const commit = async (atMs: number): Promise<void> => {
  const segment = { endpoint: "shop", node: "n1", region: null, family: "ios", protocol: "TLSv1.3" } as const;
  const unknown = { mechanism: null, reason: null, earlyData: null, earlyDataReason: null } as const;
  const cell = {
    segmentId: store.internSegment(1, segment, { source: "native", system: null, vantage: "log" }),
    resultId: store.internResult({ outcome: "full", offer: "none", ...unknown }),
    ...{ bucketStartMs: atMs, count: 10, handshakeUs: null, ttfbUs: null, ticketAgeS: null },
  };
  const told: Commit = { ...EMPTY_COMMIT, cells: [cell] };
  await store.commit(1, told, nowMs);
  detection.committed(told);
};

it("a store that fails for a while costs turns, which are counted, and no bucket", async () => {
  await turn();
  expect(await value("detectedUntil")).toBe((START - MINUTE) / 1_000);
  for (const name of ["readCoverage", "readChanges", "readIncidents"] as const) {
    await commit(nowMs);
    nowMs += 2 * MINUTE;
    broken = { [name]: true };
    const failures = await value("jobFailures");
    await turn();
    expect([name, (await value("jobFailures")) - failures]).toEqual([name, 1]);
    broken = {};
    await turn();
    expect(await value("detectedUntil")).toBe((nowMs - MINUTE) / 1_000);
  }
  expect(await value("detectSeconds")).toBe(6);
});

it("history that comes long after it happened is learnt by reading it again, once no more of it comes", async () => {
  await turn();
  nowMs += 20 * MINUTE;
  await commit(START - 5 * 60 * MINUTE);
  await turn();
  expect(await value("detectSeconds")).toBe(20);
  nowMs += MINUTE;
  await turn();
  expect(await value("detectSeconds")).toBe(21);
  nowMs += 2 * MINUTE;
  await turn();
  // These two were read from the store, with all that went before.
  expect(await value("detectSeconds")).toBe(21);
  expect(await value("detectedUntil")).toBe((nowMs - MINUTE) / 1_000);
  nowMs += MINUTE;
  await turn();
  expect(await value("detectSeconds")).toBe(22);
  expect(await value("jobFailures")).toBe(0);
});

it("a store that cannot be opened is an answer of the thread, not its end; a stopped thread answers nothing", async () => {
  const thread = new DetectorThread({ file: join(folder, "none", "no.db"), tenant: 1, ...RETENTION });
  const window = { fromMs: START, toMs: START + MINUTE, stepMs: MINUTE };
  const { problem, said } = await thread.ask({ kind: "read", window, nowMs });
  expect([said, problem]).toEqual([[], expect.stringContaining("read caches")]);
  const learnt = await thread.ask({ kind: "learn", changes: [], nowMs });
  expect(learnt.problem).toBeNull();
  await thread.stop();
  await expect(thread.ask({ kind: "learn", changes: [], nowMs })).rejects.toThrow(/stopped/);
});

it("a thread that ended is replaced, later each time, and the new one knows what the store knows", async () => {
  await commit(START - 10 * MINUTE);
  // No thread can be handed a function.
  answers = { readChanges: [{ id: "c", atMs: START, recordedMs: START, title: () => "odd" }] };
  for (const pauseMs of [MINUTE, 2 * MINUTE, 4 * MINUTE]) {
    const failures = await value("jobFailures");
    await turn();
    expect((await value("jobFailures")) - failures).toBe(1);
    nowMs += pauseMs - 1;
    await turn();
    expect((await value("jobFailures")) - failures).toBe(1);
    nowMs += 1;
  }
  answers = {};
  await turn();
  expect(await value("detectedUntil")).toBe((nowMs - MINUTE) / 1_000);
  // All of it was history by then.
  expect(await value("detectSeconds")).toBe(0);
});

it("what is committed never throws, whatever it is", async () => {
  const odd = { ...EMPTY_COMMIT, cells: [{ handshakeUs: new Uint8Array([9]) }] } as unknown as Commit;
  expect(() => detection.committed(odd)).not.toThrow();
  expect(await value("jobFailures")).toBe(1);
});

/** The collector's process is killed while it tells people: everybody hears everything, and twice only what was on its way. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { openReadStore } from "../../lib/store/open.ts";
import type { ReadStore } from "../../lib/store/port.ts";
import type { StoredMessage } from "../../lib/store/port-alerting.ts";
import { Receiver } from "../conformance/notify/server.ts";
import { AlertFolder } from "../support/alert-collector.ts";
import { until } from "../support/collector.ts";
import { freePort } from "../support/process.ts";

const WITHIN_MS = 90_000;
const SLOW_MS = 50;
const ENDPOINTS = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `${name}.example`);
/** The message in the middle of whose sending the collector is killed. */
const HELD = 4;

type Answer = Receiver["answer"];
const NEVER: Answer = () => undefined;
const SLOWLY: Answer = (_, response) => void setTimeout(() => response.end(), SLOW_MS);

let folder: AlertFolder;
let hook: Receiver;
let store: ReadStore;
let child: ChildProcess | null = null;

beforeEach(async () => {
  folder = await AlertFolder.make();
  hook = new Receiver(NEVER);
  const url = `http://${await hook.listen()}/`;
  await folder.rules([{ name: "hook", kind: "webhook", settings: { url } }]);
  await folder.tell(ENDPOINTS, { resumed: 60, full: 140 });
  store = openReadStore({ file: join(folder.dataDir, "reprise.db") });
});
afterEach(async () => {
  await kill();
  await store.close();
  await hook.close();
  await folder.destroy();
});

async function start(): Promise<void> {
  const env = {
    ...process.env,
    ...{ REPRISE_DATA_DIR: folder.dataDir, REPRISE_COLLECTOR_PORT: String(await freePort()) },
    ...{ REPRISE_ALERT_RULES: folder.rulesPath, REPRISE_ALERT_ALLOW: "127.0.0.1" },
    ...{ REPRISE_SYSLOG_PORT: "0", REPRISE_DETECT: "0", REPRISE_LOG_LEVEL: "silent" },
  };
  child = spawn(process.execPath, ["bin/reprise.mjs", "collector"], { env, stdio: "ignore" });
}

async function kill(): Promise<void> {
  if (child && child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((done) => child?.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }
  child = null;
}

async function messages(): Promise<readonly StoredMessage[]> {
  return store.alerting.readMessages(1, { fromMs: 0, toMs: Date.now() + 60_000, limit: 100 });
}
const waiting = async (): Promise<number> =>
  (await messages()).filter(({ state }) => state === "waiting").length;

it("killed between decision and delivery, and during one, it tells everything, and again only what was under way", {
  timeout: 300_000,
}, async () => {
  await start();
  await until(async () => (await messages()).length > 0, WITHIN_MS);
  await kill();
  // One round is one transaction: all is decided, and nothing is sent.
  const decided = await messages();
  expect(decided).toHaveLength(ENDPOINTS.length);
  expect(await waiting()).toBe(ENDPOINTS.length);

  const held = Promise.withResolvers<string>();
  hook.answer = (received, response) => {
    // Not answered: the collector is killed while it waits.
    if (hook.received.length >= HELD) held.resolve(String(received.headers["idempotency-key"]));
    else SLOWLY(received, response);
  };
  await start();
  const id = await held.promise;
  await kill();
  expect((await messages()).find((one) => one.id === id)).toMatchObject({ state: "waiting", attempts: 0 });

  hook.answer = SLOWLY;
  await start();
  await until(async () => (await waiting()) === 0, WITHIN_MS);
  const told = hook.received.map(({ body }) => JSON.parse(body) as AlertMessage);
  const times = new Map<string, number>();
  for (const one of told) times.set(one.id, (times.get(one.id) ?? 0) + 1);
  expect(new Set(times.keys())).toEqual(new Set(decided.map((one) => one.id)));
  // Nothing is decided anew, and a message is heard again only where a kill met it on its way: one at a time, twice.
  expect((await messages()).map(({ state }) => state)).toEqual(ENDPOINTS.map(() => "sent"));
  expect(times.get(id)).toBe(2);
  expect(told.length).toBeLessThanOrEqual(ENDPOINTS.length + 2);
  expect(Math.max(...times.values())).toBe(2);
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askFleet } from "../../collector/fleet/control.ts";
import { clockFor, type Lab, runLab } from "../../collector/fleet/lab.ts";
import { TOPOLOGY } from "../../collector/fleet/topology.ts";
import { ANY_PORT } from "../../collector/main.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { DEFAULT_TENANT } from "../../lib/store/port.ts";

const MINUTE_MS = 60_000;
const PAST_MS = 12 * MINUTE_MS;
const PER_MINUTE = 15;

let settings: Settings;
let lab: Lab;

async function start(): Promise<{ readonly fresh: boolean; readonly startMs: number }> {
  const { clock, fresh } = await clockFor(settings, { pastMs: PAST_MS, tempo: 720 });
  const startMs = clock.now();
  const caughtUp = Promise.withResolvers<void>();
  lab = await runLab(settings, {
    ...{ clock, topology: TOPOLOGY, perMinute: PER_MINUTE, rotateEveryMs: 5 * MINUTE_MS, script: [] },
    ...{ log: makeLogger("silent"), caughtUp: () => caughtUp.resolve() },
  });
  await caughtUp.promise;
  return { fresh, startMs };
}

beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "reprise-lab-"));
  await migrate(join(dataDir, DATABASE_NAME));
  const ports = { collectorPort: 0, syslogPort: ANY_PORT };
  settings = { ...readSettings({}), ...ports, detect: false, dataDir };
});
afterEach(async () => {
  await lab.stop();
  await rm(settings.dataDir, { recursive: true });
});

const span = (fromMs: number) => ({ fromMs, toMs: Date.now() + MINUTE_MS });
async function titles(fromMs: number): Promise<string[]> {
  const changes = await lab.collector.store.readChanges(DEFAULT_TENANT, { ...span(fromMs), limit: 100 });
  return changes.map(({ title }) => title);
}

it("plays the past of an empty store minute by minute, says so, and becomes real; again from its end", async () => {
  const { fresh, startMs } = await start();
  expect(fresh).toBe(true);
  expect(Date.now() - startMs).toBeGreaterThanOrEqual(PAST_MS);
  const { rows } = await lab.collector.store.readRollups(DEFAULT_TENANT, {
    ...span(startMs),
    stepMs: MINUTE_MS,
    by: ["endpoint"],
  });
  const minutes = new Map<number, number>();
  for (const { bucketStartMs, count } of rows)
    minutes.set(bucketStartMs, (minutes.get(bucketStartMs) ?? 0) + count);
  // All but the first, the present one, and the one before, of which the last may be on its way.
  const whole = [...minutes.entries()].sort(([a], [b]) => a - b).slice(1, -2);
  expect(whole.length).toBeGreaterThanOrEqual(PAST_MS / MINUTE_MS - 3);
  // As many in each as in real time, up to chance: neither gaps nor bursts.
  for (const [, count] of whole) expect(Math.abs(count - PER_MINUTE)).toBeLessThan(6 * Math.sqrt(PER_MINUTE));
  await expect.poll(() => titles(startMs), { timeout: 30_000 }).toContain("In real time from here on");
  const told = await titles(startMs);
  expect(told).toContain(
    "Played from here on: real handshakes, at time stamps that pass faster than real time",
  );
  expect(told.filter((title) => title.startsWith("Scheduled STEK rotation"))).toHaveLength(2);
  expect(lab.running.fleet.reporter).toMatchObject({ refused: 0, dropped: 0 });

  await lab.stop();
  const stoppedMs = Date.now();
  const again = await start();
  expect(again.fresh).toBe(false);
  expect(Math.abs(again.startMs - stoppedMs)).toBeLessThan(MINUTE_MS);
});

it("takes orders over its port, and records nothing of what it refuses", async () => {
  const { startMs } = await start();
  const ask = (order?: Parameters<typeof askFleet>[1]) => askFleet(settings.dataDir, order);
  await expect(ask({ name: "desync-node", node: "edge-eu-9" })).rejects.toThrow(
    'There is no node "edge-eu-9"',
  );
  await expect(ask({ name: "rotate-overlap", forMinutes: 5 })).rejects.toThrow("is over at once");
  await ask({ name: "clear" });
  const before = await titles(startMs);
  await ask({ name: "tickets-off", node: "edge-us-1", forMinutes: 30 });
  expect((await titles(startMs)).length).toBe(before.length + 1);
  expect(await ask()).toMatchObject({
    live: true,
    nodes: expect.arrayContaining([
      expect.objectContaining({ endpoint: "shop.example", node: "edge-us-1", tickets: false }),
    ]),
  });
  expect(before).not.toContain("ssl_session_tickets on");
});

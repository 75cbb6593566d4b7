import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Collector, runCollector } from "../../collector/main.ts";
import { newToken } from "../../lib/people/new-token.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings } from "../../lib/runtime/settings.ts";
import { DATABASE_NAME, openPeopleStore } from "../../lib/store/open.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import { makeIncidentHistory } from "../support/incident-history.ts";

const NOW = Date.now();
const HOUR = 3_600_000;
let dataDir: string;
let collector: Collector;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "reprise-tenants-"));
  const file = join(dataDir, DATABASE_NAME);
  const tenant = await createTenantOf(file, { name: "second", nowMs: NOW, by: "test" });
  const store = openPeopleStore({ file });
  const bounds = { endpoints: null, nodes: null, expiresMs: null };
  const about = {
    tenant,
    name: "seed",
    scopes: ["handshakes", "changes"] as const,
    createdBy: "test",
    ...bounds,
  };
  const { token, text } = newToken(about, NOW);
  await store.tokens.createToken(tenant, token);
  await store.close();
  await makeIncidentHistory(NOW, { dataDir, token: text });
  const ports = { REPRISE_COLLECTOR_PORT: "0", REPRISE_SYSLOG_PORT: "0" };
  const settings = readSettings({ REPRISE_DATA_DIR: dataDir, ...ports });
  collector = await runCollector(settings, { log: makeLogger("silent") });
}, 120_000);
afterAll(async () => {
  await collector.close();
  await rm(dataDir, { recursive: true });
});

const span = { fromMs: NOW - 3 * HOUR, toMs: NOW + HOUR, limit: 100 };

it("a fault of one tenant is its incident and its alert, and nobody else's", async () => {
  const { store } = collector;
  await expect.poll(() => store.readIncidents(2, span), { timeout: 90_000, interval: 500 }).not.toEqual([]);
  const [incident] = await store.readIncidents(2, span);
  expect(incident?.scope.nodes).toEqual(["edge-3"]);
  const firing = async (tenant: number) =>
    (await store.alerting.readAlerts(tenant)).filter(({ state }) => state.phase === "firing");
  await expect.poll(() => firing(2), { timeout: 60_000, interval: 500 }).not.toEqual([]);
  expect(await store.readIncidents(1, span)).toEqual([]);
  expect(await firing(1)).toEqual([]);
  expect(await store.findings.readFindings(1, span)).toEqual([]);
}, 180_000);

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nginxLines } from "../../bench/generate.ts";
import { ANY_PORT } from "../../collector/main.ts";
import { DIMENSIONS } from "../../lib/domain/vocabulary.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import type { ReadStore } from "../../lib/store/port.ts";
import { push, startCollector, type TestCollector, until } from "../support/collector.ts";
import { beside, giveToken } from "../support/tokens.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();
const WHOLE = { fromMs: NOW - 400 * DAY_MS, toMs: NOW + 600_000 };

let centre: TestCollector;
let site: TestCollector;
beforeEach(async () => {
  centre = await startCollector();
  site = await startCollector({
    ...{ forwardUrl: centre.url, forwardSite: "site-a", forwardGatherMs: 200 },
    ...{ statsdPort: ANY_PORT, watchItself: false },
  });
});
afterEach(async () => {
  await site.destroy();
  await centre.destroy();
});

async function pushAll(url: string): Promise<void> {
  const ts = NOW - 30_000;
  const place = { endpoint: "shop", node: "n1" };
  const keyName = "ab".repeat(16);
  await push(`${url}/v1/handshakes`, [
    {
      ...place,
      ...{ ts, outcome: "resumed", offer: "psk", mechanism: "psk", protocol: "TLSv1.3", keyName },
      ...{ handshakeUs: 900, ttfbUs: 1_500, ticketAgeS: 60, ticketId: "t-1", client: "192.0.2.7" },
    },
    { ...place, ts, outcome: "full", offer: "ticket", reason: "expired", protocol: "TLSv1.2", keyName },
    { ...place, ts, outcome: "failed", alert: "handshake_failure", count: 7 },
    { ...place, ts, outcome: "sideways" },
  ]);
  await push(
    `${url}/v1/lines/nginx?node=n2&region=eu`,
    nginxLines(500, { seed: 3, endMs: NOW, spanMs: 20_000 }).join("\n"),
  );
  await push(`${url}/v1/lines/tap?node=n1`, [
    { kind: "handshake", ...place, ts, outcome: "full", offer: "psk", protocol: "TLSv1.3", handshakeUs: 700 },
  ]);
  await push(
    `${url}/v1/lines/suricata?node=sensor`,
    readFileSync("tests/fixtures/lines/suricata.log", "utf8"),
  );
  await push(`${url}/v1/changes`, [{ ts, id: "c-1", kind: "deploy", title: "v7", node: "n1", actor: "ann" }]);
  await push(`${url}/v1/caches`, [{ ts, ...place, cache: "shared", hits: 7, misses: 3, timeoutS: 300 }]);
  await push(`${url}/v1/nodes`, [{ ts, node: "n1", cores: 4, busyCores: 1.5 }]);
  await push(`${url}/v1/keys`, [
    { ts, ...place, keyName, action: "issued", count: 5, lifetimeHintS: 300 },
    { ts, id: "k-1", ...place, keyName, action: "promoted", actor: "ann", reason: "as planned" },
  ]);
}

async function countOverUdp(port: number): Promise<void> {
  const socket = createSocket("udp4");
  const lines = [
    "envoy.listener.0.0.0.0_8443.ssl.handshake:7|c",
    "envoy.listener.0.0.0.0_8443.ssl.session_reused:4|c",
  ];
  await new Promise((resolve) => socket.send(lines.join("\n"), port, "127.0.0.1", resolve));
  socket.close();
}

/** All that a store holds and that is forwarded, comparable. */
async function contents(store: ReadStore) {
  const { rows } = await store.readRollups(1, {
    ...{ ...WHOLE, fromMs: NOW - DAY_MS, stepMs: 10_000, by: DIMENSIONS, views: "all" },
    histograms: ["handshakeUs", "ttfbUs", "ticketAgeS"],
  });
  const keyEvents = await store.keys.readKeyEvents(1, { ...WHOLE, limit: 100 });
  const changes = await store.readChanges(1, { ...WHOLE, limit: 100 });
  return {
    rows: rows.map((row) => JSON.stringify(row, (_, v) => (v instanceof Map ? [...v].sort() : v))).sort(),
    sightings: await store.keys.readSightings(1, { sinceMs: 0, limit: 100 }),
    uses: await store.keys.readUses(1, { ...WHOLE, stepMs: 600_000 }),
    keyEvents: keyEvents.map(({ recordedMs: _, ...event }) => event),
    changes: changes.map(({ recordedMs: _, ...change }) => change),
    caches: await store.readCaches(1, { ...WHOLE, limit: 100 }),
    loads: await store.readNodeLoads(1),
    tlsAlerts: await store.tlsAlerts.readTlsAlerts(1, { ...WHOLE, fromMs: NOW - DAY_MS, stepMs: 60_000 }),
    coverage: (await store.readCoverage(1)).map((one) => JSON.stringify(one)).sort(),
  };
}

it("the centre has what the site has: rows by source and vantage, keys by their hash, and all that is told beside", async () => {
  await pushAll(site.url);
  await countOverUdp(site.statsdPort ?? 0);
  const counted = async (): Promise<boolean> =>
    (await centre.store.readSources(1)).some(({ source }) => source === "envoy-stats");
  await until(counted, 30_000);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const [ofSite, ofCentre] = [await contents(site.store), await contents(centre.store)];
  for (const list of Object.values(ofSite)) expect(list.length).toBeGreaterThan(0);
  expect(ofCentre).toEqual(ofSite);
  const seenBy = (await centre.store.readCoverage(1)).map(({ vantage }) => vantage);
  expect(new Set(seenBy)).toEqual(new Set(["log", "wire", "counters"]));
  const sources = await centre.store.readSources(1);
  expect(new Set(sources.map(({ transport, sender }) => `${transport} ${sender}`))).toEqual(
    new Set(["forward site-a"]),
  );
  const rejections = sources.flatMap((one) =>
    one.rejections.map(({ reason, count }) => [one.source, reason, count]),
  );
  const atSite = (await site.store.readSources(1)).flatMap((one) =>
    one.rejections.map(({ reason, count }) => [one.source, reason, count]),
  );
  expect(rejections.sort()).toEqual(atSite.sort());
  const samples = await centre.store.readSamples(1, { ...WHOLE, limit: 100 });
  expect(samples.length).toBeGreaterThan(0);
  expect(samples.every(({ handshake }) => handshake.client === null && handshake.keyName === null)).toBe(
    true,
  );
  const metrics = await (await fetch(`${site.url}/metrics`)).text();
  expect(metrics).toMatch(/^reprise_forward_rejected_total\{kind="line"\} 0$/m);
  expect(metrics).toMatch(/^reprise_forward_waiting_records 0$/m);
});

it("names of keys that are no hashes are refused where a push says that they are", async () => {
  const line = { key: { ts: NOW, keyName: "ab".repeat(16), action: "issued" } };
  const url = `${centre.url}/v1/rollups?source=native&hashed=1`;
  const { status, body } = await push(url, [line, { key: { ...line.key, keyName: "0123456789abcdef" } }]);
  expect([status, body.accepted, body.errors[0]?.reason]).toEqual([
    200,
    1,
    "keyName is no hash, but hashed=1 says so",
  ]);
  const sightings = await centre.store.keys.readSightings(1, { sinceMs: 0, limit: 10 });
  expect(sightings.map(({ keyName }) => keyName)).toEqual(["0123456789abcdef"]);
});

it("a centre that wants a token gets nothing without, is said to be in the way, and gets all with one", async () => {
  const strict = await startCollector({ requireTokens: true, watchItself: false });
  const token = await beside(join(strict.dataDir, DATABASE_NAME), ({ tokens }) =>
    giveToken(tokens, { scopes: ["handshakes", "changes", "keys"] }),
  );
  const forward = { forwardUrl: strict.url, forwardSite: "site-b", forwardGatherMs: 100, watchItself: false };
  const first = await startCollector(forward);
  await pushAll(first.url);
  const health = async (url: string): Promise<unknown> => (await fetch(`${url}/healthz`)).json();
  const isStuck = async (): Promise<boolean> =>
    JSON.stringify(await health(first.url)) === '{"status":"degraded","forwarding":"stuck"}';
  await until(isStuck, 30_000);
  await first.close();
  const second = await startCollector({ ...forward, forwardToken: token, dataDir: first.dataDir });
  await until(async () => (await contents(strict.store)).keyEvents.length === 1, 30_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await contents(strict.store)).toEqual(await contents(second.store));
  expect(await health(second.url)).toEqual({ status: "ok", forwarding: "ok" });
  await second.destroy();
  await strict.destroy();
});

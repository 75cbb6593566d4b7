import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { replayCommand } from "../../collector/cli/replay.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { push, startCollector, type TestCollector, until } from "../support/collector.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A midnight that every retention still reaches; two days of habit come before anything happens. */
const START = Math.floor(Date.now() / DAY) * DAY - 4 * DAY;
const EVENT = START + 2 * DAY;

let dataDir: string;
let collector: TestCollector;
let nowMs = START;

/** Starts the collector and waits until detection has read what is stored. */
async function start(detect = true): Promise<void> {
  collector = await startCollector({ dataDir, detect }, () => nowMs);
  if (detect) await until(async () => (await judgedMs()) > 0, 120_000);
}

beforeEach(async () => {
  nowMs = START;
  dataDir = await mkdtemp(join(tmpdir(), "reprise-detect-"));
});
afterEach(async () => {
  await collector.close();
  await rm(dataDir, { recursive: true });
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1] ?? 0,
  );
}
const judgedMs = async (): Promise<number> => 1_000 * (await metric("reprise_detected_until_seconds"));

/** Accepted of offered, at an endpoint and a moment. */
type Rate = (endpoint: string, atMs: number) => number;
const healthy: Rate = () => 0.95;

/** A minute's handshakes of two endpoints, each on two nodes with two families; a wobble stands for noise. */
function minuteOf(atMs: number, rate: Rate): unknown[] {
  const since = atMs - START;
  const events: { readonly count: number; readonly [field: string]: unknown }[] = [];
  for (const [e, endpoint] of ["shop.example", "api.example"].entries())
    for (const [n, node] of ["edge-1", "edge-2"].entries())
      for (const [f, family] of ["chrome", "ios"].entries()) {
        const wobble = Math.sin(since / 7e5 + e * 3 + n * 5 + f * 7) + Math.sin(since / 1.3e5 + e + n + f);
        const offered = Math.round(90 + 6 * wobble);
        const accepted = Math.round(offered * rate(endpoint, atMs) + wobble / 2);
        const place = { ts: atMs + 5_000, endpoint, node, region: "eu", family, protocol: "TLSv1.3" };
        const refused = {
          outcome: "full",
          reason: "unknown_key",
          handshakeUs: 2_500,
          count: offered - accepted,
        };
        events.push(
          { ...place, offer: "psk", outcome: "resumed", mechanism: "psk", handshakeUs: 900, count: accepted },
          { ...place, offer: "psk", ...refused },
          { ...place, offer: "none", outcome: "full", handshakeUs: 2_500, count: 30 },
        );
      }
  return events.filter(({ count }) => count > 0);
}

/** Lets time pass with its telemetry, an hour in a push. */
async function send(toMs: number, rate: Rate): Promise<void> {
  while (nowMs < toMs) {
    const endMs = Math.min(toMs, nowMs + HOUR);
    const events: unknown[] = [];
    for (let atMs = nowMs; atMs < endMs; atMs += MINUTE) events.push(...minuteOf(atMs, rate));
    nowMs = endMs;
    expect((await push(`${collector.url}/v1/handshakes`, events)).status).toBe(200);
  }
}

/** The same, and waits until detection has judged it. */
async function pass(toMs: number, rate: Rate): Promise<void> {
  await send(toMs, rate);
  await until(async () => (await judgedMs()) >= toMs - MINUTE, 120_000);
}

async function record(id: string, atMs: number, endpoint: string): Promise<void> {
  const change = { id, ts: atMs, kind: "key_rotation", title: "Rotated the STEK", endpoint };
  expect((await push(`${collector.url}/v1/changes`, [change])).status).toBe(200);
}

const incidents = (): Promise<readonly StoredIncident[]> =>
  collector.store.readIncidents(1, { fromMs: 0, toMs: nowMs + HOUR, limit: 100 });
const steps = async (id: string): Promise<string[]> =>
  (await collector.store.readIncidentUpdates(1, id)).map(({ kind }) => kind);

/** After a rotation that dropped the old keys at shop.example, tickets come back within four hours. */
const dropped: Rate = (endpoint, atMs) =>
  endpoint === "shop.example" && atMs >= EVENT ? Math.min(0.95, 0.1 + (atMs - EVENT) / (4 * HOUR)) : 0.95;

it("tells a dropped key once, with its scope, and a restart in the middle opens nothing twice", async () => {
  await start();
  await pass(EVENT - 12 * HOUR, healthy);
  await record("harmless", EVENT - 12 * HOUR, "api.example");
  await pass(EVENT, healthy);
  expect(await incidents()).toEqual([]);
  await record("drop", EVENT, "shop.example");
  await pass(EVENT + 20 * MINUTE, dropped);
  const [incident, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    ...{ class: "page", family: "resumption", state: "open", reopened: 0 },
    scope: { endpoints: ["shop.example"], nodes: null, regions: null, families: null },
  });
  expect(incident?.openedMs).toBeLessThanOrEqual(EVENT + 5 * MINUTE);
  expect(incident?.diagnoses[0]?.failureModes).toContain("FM-03");
  expect(incident?.suspects[0]?.changeId).toBe("drop");
  expect(Math.abs((incident?.onsetMs ?? 0) - EVENT)).toBeLessThanOrEqual(3 * MINUTE);
  expect(await metric(`reprise_open_incidents{class="page"}`)).toBe(1);

  const id = incident?.id ?? "";
  await collector.store.actOnIncident(1, { id, action: "acknowledge", actor: "ann", text: null, nowMs });
  await collector.close();
  await start();
  await pass(EVENT + 50 * MINUTE, dropped);
  expect(await incidents()).toMatchObject([{ id, state: "acknowledged", openedMs: incident?.openedMs }]);
  expect((await steps(id)).filter((kind) => kind === "opened")).toEqual(["opened"]);

  await pass(EVENT + 8 * HOUR, dropped);
  expect(await incidents()).toMatchObject([{ id, state: "resolved", acknowledgedBy: "ann" }]);
  expect((await steps(id)).at(-1)).toBe("resolved");
  expect(await metric(`reprise_open_incidents{class="page"}`)).toBe(0);
  expect(await metric(`reprise_job_failures_total{job="detect"}`)).toBe(0);
}, 240_000);

it("what arrives late, and what does not arrive, pages nobody", async () => {
  await start();
  await pass(EVENT, healthy);
  const late: unknown[] = [];
  // Both nodes fall silent for half an hour, and one of them sends what it held back hours later.
  for (let atMs = EVENT; atMs < EVENT + 30 * MINUTE; atMs += MINUTE)
    for (const event of minuteOf(atMs, healthy) as { readonly node: string }[])
      if (event.node === "edge-1") late.push(event);
  nowMs = EVENT + 30 * MINUTE;
  await until(async () => (await judgedMs()) >= nowMs - MINUTE, 120_000);
  nowMs = EVENT + 3 * HOUR;
  expect((await push(`${collector.url}/v1/handshakes`, late)).status).toBe(200);
  await pass(EVENT + 4 * HOUR, healthy);
  expect((await incidents()).filter((incident) => incident.class === "page")).toEqual([]);
}, 240_000);

it("a replay of what is stored finds it too, keeps it marked, and only once", async () => {
  await start(false);
  await send(EVENT + 30 * MINUTE, dropped);
  const replay = async (): Promise<{ incidents: StoredIncident[]; stored: number }> => {
    const out: string[] = [];
    const into = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        out.push(chunk.toString());
        done();
      },
    });
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const span = { from: String(EVENT - HOUR), to: String(EVENT + 30 * MINUTE) };
    const streams = { stdout: into, stderr: nowhere };
    expect(await replayCommand({ ...span, json: true, store: true }, collector.settings, streams)).toBe(0);
    return JSON.parse(out.join(""));
  };
  const first = await replay();
  expect(first).toMatchObject({
    stored: 1,
    incidents: [{ class: "page", scope: { endpoints: ["shop.example"] } }],
  });
  expect((await replay()).stored).toBe(0);
  const [kept, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ id: `replay-${first.incidents[0]?.id}`, state: "resolved" });
  const life = await steps(kept?.id ?? "");
  expect([life[0], life.at(-1)]).toEqual(["opened", "comment"]);
}, 240_000);

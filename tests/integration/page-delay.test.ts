/**
 * From a fault in the lab fleet to a page that has arrived: real handshakes, the collector with its detector and its alerting, and a
 * webhook. Alerting looks by real time (every 5 s, sends every second), so lab time goes slowly while a fault is on: what is measured
 * holds those looks, at TEMPO times their length.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { Receiver } from "../conformance/notify/server.ts";
import { startLab, type TestLab } from "../support/lab.ts";

const MINUTE_MS = 60_000;
const WARM_UP_HOURS = 8;
/** With it, a look of alerting is 100 s of lab time, and a look of the sender 20 s. */
const TEMPO = 20;
const WITHIN_MINUTES = 15;
const WALL_MS = 1_200_000;
const SHOP = "shop.example";
const LOGIN = "login.example";
const nodes = ["edge-1", "edge-2", "edge-3", "edge-4"].map((node) => ({ node, region: "eu" }));

type Page = { readonly atMs: number; readonly message: AlertMessage };
let folder: string;
let hook: Receiver;
let lab: TestLab;
const pages: Page[] = [];
const delays: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-page-delay-"));
  hook = new Receiver(({ body }, response) => {
    pages.push({ atMs: lab.now(), message: JSON.parse(body) as AlertMessage });
    response.end();
  });
  const alertRules = join(folder, "alerts.yml");
  const settings = { url: `http://${await hook.listen()}/` };
  // As shipped: the rule on incidents, and half a minute's wait for more.
  const route = { receiver: "pager", matchers: [{ label: "rule", value: "incident-page" }] };
  const file = { receivers: [{ name: "pager", kind: "webhook", settings }], route: { routes: [route] } };
  await writeFile(alertRules, JSON.stringify(file));
  lab = await startLab({
    ...{ nodes, perMinute: 40, warmUpHours: WARM_UP_HOURS, endpoints: [SHOP, LOGIN] },
    settings: { alertRules, alertAllow: "127.0.0.1" },
  });
  await lab.wait(WARM_UP_HOURS * 60 + 30);
}, WALL_MS);
afterAll(async () => {
  process.stdout.write(`${delays.join("\n")}\n`);
  await lab.destroy();
  await hook.close();
  await rm(folder, { recursive: true });
});

/** Pages of incidents that say so of an endpoint; durations are this machine's and may depart on their own. */
async function pageOf(endpoint: string, sinceMs: number): Promise<Page | undefined> {
  const ids = new Set(
    (await lab.incidents())
      .filter(({ family, scope }) => family === "resumption" && scope.endpoints.includes(endpoint))
      .map(({ id }) => id),
  );
  return pages.find(({ atMs, message }) => atMs >= sinceMs && ids.has(message.diagnosis?.incidentId ?? ""));
}

/** Incidents and pages so far, in minutes since the fault, for whoever reads why nobody was paged. */
async function told(atMs: number): Promise<string> {
  const minute = (ms: number): string => ((ms - atMs) / MINUTE_MS).toFixed(1);
  const incidents = (await lab.incidents()).map(
    (one) =>
      `incident ${one.id} ${one.family} ${one.class} ${one.state} ${JSON.stringify(one.scope)} ${one.departure.signal} since ${minute(one.onsetMs)}, opened ${minute(one.openedMs)}`,
  );
  const sent = pages.map(
    ({ atMs: ms, message }) => `page at ${minute(ms)}: ${message.reason} ${message.title}`,
  );
  return [...incidents, ...sent].join("\n");
}

async function measure(name: string, endpoint: string): Promise<void> {
  lab.pace(TEMPO);
  const atMs = lab.now();
  await lab.running.inject({ name, scope: { endpoint }, forMinutes: null });
  const page = await lab.wait(4 * WITHIN_MINUTES, () => pageOf(endpoint, atMs));
  const opened = (await lab.incidents()).find(({ id }) => id === page?.message.diagnosis?.incidentId);
  if (!page || !opened)
    throw new Error(
      `nobody was paged of ${name} within ${4 * WITHIN_MINUTES} lab minutes; what there is:\n${await told(atMs)}`,
    );
  const minutes = (toMs: number, fromMs: number): string => ((toMs - fromMs) / MINUTE_MS).toFixed(1);
  delays.push(
    `${name} at ${endpoint}: incident after ${minutes(opened.openedMs, atMs)} lab minutes, page ${minutes(page.atMs, opened.openedMs)} later (tempo ${TEMPO}: alerting looks every ${((5 * TEMPO) / 60).toFixed(1)} lab minutes)`,
  );
  expect((page.atMs - atMs) / MINUTE_MS, name).toBeLessThanOrEqual(WITHIN_MINUTES);
  expect(page.message).toMatchObject({ severity: "page", reason: "first" });
  expect(page.message.title).toContain(endpoint);
  expect(page.message.diagnosis?.firstAction).not.toBe("");
}

it("a rotation that drops the old key is paged within a quarter of an hour", { timeout: WALL_MS }, () =>
  measure("rotate-no-overlap", SHOP),
);

it("tickets switched off are, too, while the other goes on", { timeout: WALL_MS }, () =>
  measure("tickets-off", LOGIN),
);

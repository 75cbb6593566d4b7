import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { NEW_THREAD } from "../../lib/alerting/thread.ts";
import type { Finding } from "../../lib/domain/findings.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { EMPTY_COMMIT } from "../../lib/store/port.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import { asked, person } from "../support/people.ts";
import { ROUTE_ROLES } from "../support/route-roles.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

/** Stands in every name of the other tenant: it must show nowhere. */
const MARK = "zebra";
const NOW = Date.now();
const HOUR = 3_600_000;
const THEIRS = 2;
const by = { actor: `${MARK}@other.example`, address: null };

let fleet: StoredFleet;
let mine = "";
let theirs = "";
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
  const file = join(fleet.dataDir, DATABASE_NAME);
  await createTenantOf(file, { name: MARK, nowMs: NOW, by: "test" });
  mine = await person(1, "admin", "ann@default.example");
  theirs = await person(THEIRS, "admin", `${MARK}@other.example`);
  await fill();
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

/** Something of everything, in the other tenant only; ids are one for all, so that they are easily guessed. */
async function fill(): Promise<void> {
  const { writer } = fleet;
  const acts = writer.as(by);
  const segment = {
    endpoint: MARK,
    node: MARK,
    region: MARK,
    protocol: "TLSv1.3",
    family: "chrome",
  } as const;
  const ofSegment = writer.internSegment(THEIRS, segment, {
    source: "native",
    system: null,
    vantage: "log",
  });
  const ofResult = writer.internResult({
    ...{
      outcome: "full",
      offer: null,
      mechanism: null,
      reason: null,
      earlyData: null,
      earlyDataReason: null,
    },
  });
  const cell = {
    bucketStartMs: Math.floor((NOW - 60_000) / 10_000) * 10_000,
    segmentId: ofSegment,
    resultId: ofResult,
  };
  const none = { handshakeUs: null, ttfbUs: null, ticketAgeS: null };
  await writer.commit(THEIRS, { ...EMPTY_COMMIT, cells: [{ ...cell, count: 7, ...none }] }, NOW);
  const change: Change = {
    ...{
      id: "id-1",
      kind: "deploy",
      title: MARK,
      atMs: NOW - HOUR / 2,
      endMs: null,
      endpoint: MARK,
      node: MARK,
    },
    ...{ region: null, detail: MARK, ref: null, actor: MARK },
  };
  await acts.recordChange(THEIRS, change, { nowMs: NOW, via: "console" });
  const incident: StoredIncident = {
    ...{ id: "id-1", class: "page", family: "resumption", state: "open", openedMs: NOW, onsetMs: NOW },
    ...{ updatedMs: NOW, resolvedMs: null, reopened: 0, diagnoses: [], suspects: [] },
    scope: { endpoints: [MARK], nodes: null, regions: null, families: null, protocols: null },
    departure: {
      ...{ signal: "resume", group: "all", yardstick: "peers", observed: 0.2, expected: 0.7 },
      ...{ trials: 600, sigmas: 12, windowMs: HOUR },
    },
    ...{ acknowledgedBy: null, acknowledgedMs: null, assignee: MARK },
  };
  await writer.saveIncidents(THEIRS, { incidents: [incident], updates: [] });
  const finding: Finding = {
    ...{ id: "id-1", kind: "ticket_spread", severity: "high", endpoint: MARK, node: null, count: 3 },
    ...{ firstMs: NOW, lastMs: NOW, title: MARK, evidence: [] },
  };
  await writer.findings.saveFindings(THEIRS, [finding], NOW);
  const threads = [{ receiver: MARK, thread: "id-1", state: NEW_THREAD }];
  const empty = { alerts: [], gone: [], events: [], begun: [], messages: [] };
  await writer.alerting.saveAlerts(THEIRS, { ...empty, threads }, NOW);
  await writer.alerting.putMessage(THEIRS, {
    ...{ id: "id-1", receiver: MARK, thread: "id-1", reason: "test", message: {}, createdMs: NOW },
    ...{ dueMs: NOW, attempts: 9, state: "dead", lastError: MARK, sentMs: null },
  });
  await written("POST /api/alerts/receivers", {
    name: MARK,
    kind: "webhook",
    settings: { url: "https://zebra.example/x" },
  });
  await written("POST /api/alerts/silences", {
    ...{ matchers: [{ label: "endpoint", value: MARK }], endsMs: NOW + HOUR, author: null, reason: MARK },
  });
  await written("POST /api/policy/exceptions", {
    ...{ rule: "H02", endpoint: MARK, reason: MARK, expiresMs: NOW + 48 * HOUR, actor: null },
  });
  await written("POST /api/probes", { endpoint: MARK, nodes: [{ name: MARK, address: "192.0.2.1:443" }] });
  await written("POST /api/keys", {
    ...{
      keyName: "0123456789abcdef",
      action: "promoted",
      endpoint: MARK,
      node: MARK,
      keyGroup: null,
      actor: null,
    },
  });
  await written("POST /api/people/links", { role: "viewer" });
}

type Handler = (request: Request, context: unknown) => Promise<Response>;
type Given = { readonly body?: unknown; readonly query?: string; readonly id?: string };

async function call(name: string, cookie: string, { body, query = "", id = "id-1" }: Given = {}) {
  const [method = "", path = ""] = name.split(" ");
  const module: Record<string, Handler> = await import(pathToFileURL(join("app", path, "route.ts")).href);
  const stop = new AbortController();
  const url = `${path.replaceAll(/\[\w+\]/g, id)}${query}`;
  const request = new Request(asked(url, { method, cookie, body }), { signal: stop.signal });
  const params = Promise.resolve({ id, name: MARK, key: "0123456789abcdef" });
  const response = await (module[method] as Handler)(request, { params });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const text = isStream ? "" : await response.text();
  stop.abort();
  return { status: response.status, text };
}

/** Done by their own administrator: answers the id of what was made. */
async function written(name: string, body: unknown): Promise<string> {
  const { status, text } = await call(name, theirs, { body });
  expect(status, `${name}: ${text}`).toBe(201);
  return JSON.parse(text).id;
}

const QUERIES: Readonly<Record<string, string>> = {
  "GET /api/series": "&metric=handshakes&by=endpoint",
  "GET /api/heatmap": "&metric=handshake_us",
  "GET /api/policy-lab": `&endpoint=${MARK}`,
  "GET /api/policy-lab/recovery": `&endpoint=${MARK}&atMs=${NOW - HOUR / 2}`,
};
const reads = Object.keys(ROUTE_ROLES).filter((name) => name.startsWith("GET"));

it("their own administrator sees it: the mark is where it should be", async () => {
  const shown: string[] = [];
  for (const name of reads) {
    const query = `?from=now-1h&to=now${QUERIES[name] ?? ""}`;
    if ((await call(name, theirs, { query })).text.includes(MARK)) shown.push(name);
  }
  for (const list of [
    "segments",
    "changes",
    "incidents",
    "findings",
    "alerts",
    "probes",
    "keys",
    "audit",
    "people",
  ])
    expect(shown).toContain(`GET /api/${list}`);
  expect(shown).toContain("GET /api/incidents/[id]/markdown");
  expect(shown).toContain("GET /api/series");
  expect(shown.length).toBeGreaterThan(14);
});

it("nothing of another tenant is read: not by list, id, filter, CSV, export or document", async () => {
  for (const name of reads)
    for (const format of ["", "&format=csv"])
      for (const filter of ["", `&endpoint=${MARK}`, `&q=${MARK}`]) {
        const query = `?from=now-1h&to=now${QUERIES[name] ?? ""}${format}${filter}`;
        const { status, text } = await call(name, mine, { query });
        expect(status, `${name}${query}`).toBeLessThan(500);
        // A filter may be told back; nothing else may know the name.
        const others = query.includes(MARK) ? text.replaceAll(`"${MARK}"`, "") : text;
        expect(others.includes(MARK), `${name}${query}: ${text.slice(0, 200)}`).toBe(false);
      }
  for (const name of reads.filter((route) => route.includes("[id]")))
    expect((await call(name, mine)).status, name).toBe(404);
});

it("nothing of another tenant is written, by whatever id", async () => {
  const before = await everything();
  const bodies: Readonly<Record<string, unknown>> = {
    "POST /api/incidents/[id]": { action: "resolve", actor: "ann", text: null },
    "POST /api/findings/[id]": { action: "close", actor: null },
    "POST /api/alerts/threads": { thread: "id-1", actor: null },
    "PATCH /api/probes/[id]": { paused: true },
    "PUT /api/alerts/receivers/[name]": {
      kind: "webhook",
      settings: { url: "https://x.example" },
      actor: null,
    },
    "PATCH /api/people/[id]": { role: "viewer" },
  };
  const written = Object.keys(ROUTE_ROLES).filter(
    (name) => /\[|threads/.test(name) && !name.startsWith("GET"),
  );
  const people = await fleet.reader.people.readPeople(THEIRS);
  const probes = await fleet.reader.probes.readProbeTargets(THEIRS);
  const ids = ["id-1", people[0]?.userId ?? "", probes[0]?.id ?? ""];
  for (const name of written)
    for (const id of ids) {
      const { status, text } = await call(name, mine, { id, body: bodies[name] ?? {} });
      expect([400, 404].includes(status), `${name} ${id}: ${status} ${text}`).toBe(true);
      if (bodies[name]) expect(status, name).toBe(404);
    }
  expect(await everything()).toEqual(before);
});

/** All of the other tenant's, as its own administrator reads it, without what moves by itself. */
async function everything(): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const name of ["incidents", "findings", "changes", "alerts", "probes", "people"]) {
    const { text } = await call(`GET /api/${name}`, theirs, {
      query: `?from=${NOW - HOUR}&to=${NOW + 1_000}`,
    });
    all[name] = text.replaceAll(/"(nowMs|sinceMs|ageMs|dueInMs)":\d+/g, "");
  }
  return all;
}

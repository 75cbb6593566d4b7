import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { GET as getAudit } from "../../app/api/audit/route.ts";
import { NEW_THREAD } from "../../lib/alerting/thread.ts";
import { auditReply } from "../../lib/contract/read-audit.ts";
import type { Finding } from "../../lib/domain/findings.ts";
import { verifyChain } from "../../lib/store/audit-chain.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Date.now();
const HOUR = 3_600_000;
const HOSTILE = `=cmd|'/c calc'!A1 "<script>alert(1)</script>`;

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  await fill();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

/** Something of everything that people act on. */
async function fill(): Promise<void> {
  const incident: StoredIncident = {
    ...{ id: "i-1", class: "page", family: "resumption", state: "open", openedMs: NOW, onsetMs: NOW },
    ...{ updatedMs: NOW, resolvedMs: null, reopened: 0, diagnoses: [], suspects: [] },
    scope: { endpoints: ["shop"], nodes: null, regions: null, families: null, protocols: null },
    departure: {
      ...{ signal: "resume", group: "all", yardstick: "peers", observed: 0.2, expected: 0.7 },
      ...{ trials: 600, sigmas: 12, windowMs: HOUR },
    },
    ...{ acknowledgedBy: null, acknowledgedMs: null, assignee: null },
  };
  await fleet.writer.saveIncidents(1, { incidents: [incident], updates: [] });
  const finding: Finding = {
    ...{ id: "f-1", kind: "ticket_spread", severity: "high", endpoint: "shop", node: null, count: 3 },
    ...{ firstMs: NOW, lastMs: NOW, title: "One ticket", evidence: [] },
  };
  await fleet.writer.findings.saveFindings(1, [finding], NOW);
  const threads = [{ receiver: "hook", thread: "t-1", state: NEW_THREAD }];
  const none = { alerts: [], gone: [], events: [], begun: [], messages: [] };
  await fleet.writer.alerting.saveAlerts(1, { ...none, threads }, NOW);
  await fleet.writer.alerting.putMessage(1, {
    ...{ id: "m-1", receiver: "hook", thread: "t-1", reason: "test", message: {}, createdMs: NOW },
    ...{ dueMs: NOW, attempts: 9, state: "dead", lastError: "refused", sentMs: null },
  });
}

type Case = {
  readonly body?: unknown;
  readonly action: string;
  readonly params?: () => Record<string, string>;
};
const ids: Record<string, string> = {};
const of = (name: string) => () => ({ id: ids[name] ?? name, name });
const rule = {
  ...{ id: "own", title: "Own", severity: "info" },
  condition: { kind: "threshold", metric: "resume_rate", direction: "below", value: 0.5 },
};
const target = { endpoint: "shop.example", nodes: [{ name: "n1", address: "192.0.2.1:443" }] };
const by = { actor: null };

/** Every way to write, in an order in which each finds what it needs. Whoever adds a route adds it here. */
const CASES: Readonly<Record<string, Case>> = {
  "POST /api/changes": { action: "change.record", body: { ts: NOW, kind: "deploy", title: HOSTILE } },
  "POST /api/incidents/[id]": {
    ...{ action: "incident.comment", params: of("i-1") },
    body: { action: "comment", actor: "ann", text: HOSTILE },
  },
  "POST /api/findings/[id]": {
    ...{ action: "finding.close", params: of("f-1"), body: { action: "close", actor: null } },
  },
  "POST /api/sources/truth": { action: "truth.choose", body: { node: "n1", system: null, vantage: "wire" } },
  "POST /api/keys": {
    action: "key.event",
    body: {
      keyName: "0123456789abcdef",
      action: "promoted",
      endpoint: null,
      node: null,
      keyGroup: null,
      ...by,
    },
  },
  "PUT /api/policy/thresholds": {
    ...{ action: "policy.threshold", body: { rule: "H02", threshold: { periodS: 7_200 }, ...by } },
  },
  "PUT /api/retention": { action: "retention.save", body: { historyMs: 30 * 24 * HOUR, samplesMs: null } },
  "PUT /api/policy/intents": { action: "policy.intent", body: { endpoint: "shop", intent: {}, ...by } },
  "POST /api/policy/exceptions": {
    action: "policy.exception",
    body: { rule: "H02", endpoint: "shop", reason: "next week", expiresMs: NOW + 48 * HOUR, ...by },
  },
  "DELETE /api/policy/exceptions/[id]": {
    action: "policy.exception",
    params: of("POST /api/policy/exceptions"),
  },
  "POST /api/probes": { action: "probe.save", body: target },
  "PUT /api/probes/[id]": { action: "probe.save", params: of("POST /api/probes"), body: target },
  "PATCH /api/probes/[id]": { action: "probe.save", params: of("POST /api/probes"), body: { paused: true } },
  "DELETE /api/probes/[id]": { action: "probe.delete", params: of("POST /api/probes") },
  "POST /api/alerts/rules": { action: "alert_rule.save", body: { rule, ...by } },
  "PUT /api/alerts/rules/[id]": { action: "alert_rule.save", params: of("own"), body: { rule, ...by } },
  "PATCH /api/alerts/rules/[id]": {
    action: "alert_rule.save",
    params: of("own"),
    body: { enabled: false, ...by },
  },
  "DELETE /api/alerts/rules/[id]": { action: "alert_rule.delete", params: of("own") },
  "POST /api/alerts/receivers": {
    action: "receiver.save",
    body: { name: "hook", kind: "webhook", settings: { url: "https://hooks.example/s3cret" }, ...by },
  },
  "PUT /api/alerts/receivers/[name]": {
    ...{ action: "receiver.save", params: of("hook") },
    body: { kind: "webhook", settings: { url: "https://hooks.example/s3cret2" }, ...by },
  },
  "POST /api/alerts/receivers/[name]/test": { action: "message.put", params: of("hook") },
  "DELETE /api/alerts/receivers/[name]": { action: "receiver.delete", params: of("hook") },
  "PUT /api/alerts/routing": { action: "routing.save", body: { yaml: "route: {}\n", ...by } },
  "POST /api/alerts/silences": {
    action: "silence.save",
    body: {
      matchers: [{ label: "endpoint", value: "shop" }],
      endsMs: NOW + HOUR,
      author: null,
      reason: "work",
    },
  },
  "DELETE /api/alerts/silences/[id]": { action: "silence.save", params: of("POST /api/alerts/silences") },
  "POST /api/alerts/threads": { action: "thread.acknowledge", body: { thread: "t-1", ...by } },
  "POST /api/alerts/messages/[id]": { action: "message.resend", params: of("m-1") },
  "POST /api/tokens": { action: "token.create", body: { name: "edge", scopes: ["handshakes"] } },
  "POST /api/tokens/[id]/rotate": { action: "token.rotate", params: of("POST /api/tokens"), body: {} },
  "DELETE /api/tokens/[id]": { action: "token.revoke", params: of("POST /api/tokens") },
  "POST /api/alerts/import": { action: "routing.save", body: { yaml: "route: {}\n", ...by } },
};
/** Asked with POST, but nothing is kept. */
const WRITE_NOTHING = ["POST /api/alerts/preview", "POST /api/visitor/tenant"];
/** Of people, who are only known where they sign in: tests/integration/people-routes.test.ts holds their entries. */
const OF_PEOPLE = /\/api\/(account|auth|links|people)\b/;

type Handler = (request: Request, context: unknown) => Promise<Response>;

/** Every exported handler that is no GET, by method and path. */
function writeRoutes(): { readonly name: string; readonly file: string; readonly method: string }[] {
  return readdirSync("app/api", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("route.ts"))
    .flatMap((file) => {
      const text = readFileSync(join("app/api", file), "utf8");
      const methods = [...text.matchAll(/export (?:async )?(?:function|const) (POST|PUT|PATCH|DELETE)\b/g)];
      const path = `/api/${file.replace(/\/route\.ts$/, "")}`;
      return methods.map(([, method = ""]) => ({
        name: `${method} ${path}`,
        file: join("app/api", file),
        method,
      }));
    });
}

async function call(name: string, headers: Record<string, string> = {}): Promise<Response> {
  const route = writeRoutes().find((one) => one.name === name);
  const given = CASES[name];
  const module: Record<string, Handler> = await import(pathToFileURL(route?.file ?? "").href);
  const request = new Request(`http://console.test${route?.name.split(" ")[1]}`, {
    method: route?.method ?? "",
    headers: { "sec-fetch-site": "same-origin", "x-reprise-peer": "192.0.2.44", ...headers },
    ...(given?.body === undefined ? {} : { body: JSON.stringify(given.body) }),
  });
  const params = Promise.resolve(given?.params?.() ?? {});
  return (module[route?.method ?? ""] as Handler)(request, { params });
}

const log = () => fleet.reader.audit.readAudit(1, { fromMs: 0, toMs: Date.now() + 1, limit: 1_000 });

it("every route that writes is known here", () => {
  expect(
    writeRoutes()
      .map(({ name }) => name)
      .filter((name) => !OF_PEOPLE.test(name))
      .sort(),
  ).toEqual([...Object.keys(CASES), ...WRITE_NOTHING].sort());
});

it("no route writes but through audited acts", () => {
  const files = readdirSync("app", { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const opening = files.filter((file) =>
    /\bopen(People|Write)Store\b/.test(readFileSync(join("app", file), "utf8")),
  );
  expect(opening).toEqual(["_server/stores.ts"]);
});

it("every write leaves one entry with who, where from, and what", async () => {
  for (const [name, { action }] of Object.entries(CASES)) {
    const before = (await log()).length;
    const response = await call(name);
    const text = await response.text();
    expect(response.status, `${name}: ${text}`).toBeLessThan(300);
    ids[name] = JSON.parse(text).id;
    const entries = await log();
    expect(entries.length, name).toBe(before + 1);
    expect(entries[0], name).toMatchObject({ action, actor: null, address: "192.0.2.44" });
    if (name.startsWith("DELETE") && !/exceptions|silences|tokens/.test(name))
      expect(entries[0]?.after, name).toBe(null);
    else expect(entries[0]?.after, name).not.toBe(null);
  }
  expect(await verifyChain(fleet.reader.audit, 1)).toMatchObject({ broken: null });
}, 120_000);

it("what is refused leaves none", async () => {
  const before = (await log()).length;
  for (const name of Object.keys(CASES)) {
    expect((await call(name, { "sec-fetch-site": "cross-site" })).status, name).toBe(403);
    const status = (await call("DELETE /api/alerts/rules/[id]")).status;
    expect(status).toBe(404);
  }
  expect((await log()).length).toBe(before);
}, 120_000);

it("holds no secret and shows no row's seal", async () => {
  const text = JSON.stringify(await log());
  expect(text).toContain("sealed ");
  expect(text).not.toContain("s3cret");
});

it("is answered by filters and pages, and as CSV that no spreadsheet takes for formulas", async () => {
  const ask = async (query: string) => getAudit(new Request(`http://console.test/api/audit?${query}`));
  const read = async (query: string) => auditReply.parse(await (await ask(query)).json());
  expect((await read("action=policy")).entries).toHaveLength(4);
  expect((await read("targetKind=receiver&targetId=hook")).entries).toHaveLength(3);
  expect((await read("actor=-")).entries).toHaveLength(Object.keys(CASES).length);
  expect((await read("actor=ann")).entries).toEqual([]);
  const first = await read("limit=20");
  const second = await read(`limit=20&before=${first.next}`);
  expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual(
    Array.from({ length: Object.keys(CASES).length }, (_, i) => Object.keys(CASES).length - i),
  );
  expect(second.next).toBe(null);
  for (const query of ["from=nonsense", "limit=0", "before=x", "from=now&to=now-1h"])
    expect((await ask(query)).status).toBe(400);
  const csv = await ask("format=csv&action=change");
  expect(csv.headers.get("content-type")).toContain("text/csv");
  const [head, row] = (await csv.text()).split("\r\n");
  expect(head).toBe("id,at,actor,address,action,target_kind,target_id,before,after,prev_hash,hash");
  expect(row).toContain(`""title"":""=cmd|'/c calc'!A1 \\""<script>`);
});

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GET as exportRules } from "../../app/api/alerts/export/route.ts";
import { POST as importRules } from "../../app/api/alerts/import/route.ts";
import { POST as resend } from "../../app/api/alerts/messages/[id]/route.ts";
import { GET as getMessages } from "../../app/api/alerts/messages/route.ts";
import { DELETE as deleteReceiver, PUT as putReceiver } from "../../app/api/alerts/receivers/[name]/route.ts";
import { POST as testReceiver } from "../../app/api/alerts/receivers/[name]/test/route.ts";
import { POST as addReceiver } from "../../app/api/alerts/receivers/route.ts";
import { GET as getAlerts } from "../../app/api/alerts/route.ts";
import { PUT as putRouting } from "../../app/api/alerts/routing/route.ts";
import {
  DELETE as deleteRule,
  PATCH as enableRule,
  PUT as putRule,
} from "../../app/api/alerts/rules/[id]/route.ts";
import { POST as addRule } from "../../app/api/alerts/rules/route.ts";
import { DELETE as endSilence } from "../../app/api/alerts/silences/[id]/route.ts";
import { POST as addSilence } from "../../app/api/alerts/silences/route.ts";
import { POST as acknowledge } from "../../app/api/alerts/threads/route.ts";
import { DEFAULT_RULES } from "../../lib/alerting/defaults.ts";
import { firstState } from "../../lib/alerting/state.ts";
import { alertsReply, messagesReply } from "../../lib/contract/read-alerts.ts";
import { alertRule } from "../../lib/domain/alert-rule.ts";
import { loadSecret, Seal, sealedFor } from "../../lib/runtime/secret.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const HOUR = 3_600_000;
const NOW = Date.now();

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

const LOW = {
  ...{ id: "low", title: "Accept rate is low", severity: "page", by: ["endpoint"], for: "5m" },
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8, window: "5m" },
};

const asked = (method: string, body?: unknown, headers: Record<string, string> = {}) =>
  new Request("http://console.test/api/alerts", {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "sec-fetch-site": "same-origin", ...headers },
  });
const id = (value: string) => ({ params: Promise.resolve({ id: value }) });
const named = (value: string) => ({ params: Promise.resolve({ name: value }) });
const page = async () => alertsReply.parse(await (await getAlerts(asked("GET"))).json());
const log = async (query = "") =>
  messagesReply.parse(
    await (await getMessages(new Request(`http://console.test/api/alerts/messages${query}`))).json(),
  ).messages;
const failed = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: string }).error,
];

describe("rules", () => {
  it("are the shipped ones at first", async () => {
    const { rules, routing, receivers } = await page();
    expect(rules.map(({ rule }) => rule)).toEqual(DEFAULT_RULES);
    expect(rules.every(({ origin }) => origin === "shipped")).toBe(true);
    expect([routing.origin, receivers]).toEqual([null, []]);
  });

  it("are made, changed, switched off and deleted; a shipped one comes back", async () => {
    expect((await addRule(asked("POST", { rule: LOW, actor: "ann" }))).status).toBe(201);
    expect(await failed(await addRule(asked("POST", { rule: LOW })))).toEqual([
      409,
      "There is a rule low already.",
    ]);
    const changed = { ...LOW, title: "Accepts too little" };
    expect((await putRule(asked("PUT", { rule: changed, actor: "bob" }), id("low"))).status).toBe(200);
    expect((await enableRule(asked("PATCH", { enabled: false }), id("key-age"))).status).toBe(200);
    const find = async (rule: string) => (await page()).rules.find((one) => one.rule.id === rule);
    expect(await find("low")).toMatchObject({ origin: "own", actor: "bob", rule: { title: changed.title } });
    expect(await find("key-age")).toMatchObject({ origin: "changed", rule: { enabled: false } });
    expect((await deleteRule(asked("DELETE"), id("key-age"))).status).toBe(200);
    expect(await find("key-age")).toMatchObject({ origin: "shipped", rule: { enabled: true } });
    expect((await deleteRule(asked("DELETE"), id("key-age"))).status).toBe(409);
    expect((await deleteRule(asked("DELETE"), id("none"))).status).toBe(404);
  });

  it("are refused with the field that is wrong, and from another site", async () => {
    const wrong = { ...LOW, id: "other", condition: { ...LOW.condition, window: "soon" } };
    const response = await addRule(asked("POST", { rule: wrong }));
    expect([response.status, await response.json()]).toMatchObject([400, { field: "rule.condition.window" }]);
    expect((await addRule(asked("POST", { rule: LOW }, { "sec-fetch-site": "cross-site" }))).status).toBe(
      403,
    );
    expect((await putRule(asked("PUT", { rule: { ...LOW, id: "x" } }), id("low"))).status).toBe(400);
  });

  it("of the rules file are changed there only", async () => {
    const rule = alertRule.parse({ ...LOW, id: "filed" });
    const about = { origin: "file" as const, actor: null, createdMs: NOW, updatedMs: NOW };
    await fleet.writer.alerting.saveAlertRule(1, { ...about, rule });
    for (const response of [
      await putRule(asked("PUT", { rule }), id("filed")),
      await enableRule(asked("PATCH", { enabled: false }), id("filed")),
      await deleteRule(asked("DELETE"), id("filed")),
      await importRules(asked("POST", { yaml: JSON.stringify({ rules: [rule] }) })),
    ])
      expect((await failed(response))[0]).toBe(409);
    await fleet.writer.alerting.deleteAlertRule(1, "filed");
  });
});

describe("receivers and routes", () => {
  const settings = { url: "https://hooks.example/a", secret: "s3cret-value" };

  it("keep secrets to themselves, and keep them when something else changes", async () => {
    const add = (parts: object) => addReceiver(asked("POST", { name: "hook", kind: "webhook", ...parts }));
    expect(await failed(await add({ settings: { secret: "x" } }))).toEqual([
      400,
      expect.stringContaining("Address"),
    ]);
    expect((await add({ settings })).status).toBe(201);
    expect((await add({ settings })).status).toBe(409);
    const response = await getAlerts(asked("GET"));
    const text = await response.text();
    expect(text).not.toContain("s3cret-value");
    expect(alertsReply.parse(JSON.parse(text)).receivers).toMatchObject([
      {
        name: "hook",
        settings: { url: settings.url, format: "reprise" },
        secretsSet: ["secret"],
        routed: false,
      },
    ]);
    const put = (next: object) =>
      putReceiver(asked("PUT", { kind: "webhook", settings: next }), named("hook"));
    expect((await put({ url: settings.url, format: "alertmanager" })).status).toBe(200);
    const [stored] = await fleet.reader.alerting.readReceivers(1);
    const seal = new Seal(loadSecret(fleet.dataDir));
    expect(seal.open(sealedFor(1, "hook"), stored?.settings ?? new Uint8Array())).toMatchObject({
      secret: "s3cret-value",
      format: "alertmanager",
    });
    // Who sends it to another address has to know it.
    expect((await failed(await put({ url: "https://evil.example" })))[0]).toBe(400);
    expect((await put({ url: "https://evil.example", secret: null })).status).toBe(200);
    expect((await page()).receivers[0]?.secretsSet).toEqual([]);
  });

  it("are tested through the outbox, and what died is sent again", async () => {
    expect((await testReceiver(asked("POST"), named("nobody"))).status).toBe(404);
    const response = await testReceiver(asked("POST"), named("hook"));
    const { id: message } = (await response.json()) as { id: string };
    expect(await log(`?id=${message}`)).toMatchObject([
      { id: message, receiver: "hook", reason: "test", state: "waiting", tries: [] },
    ]);
    const [due] = await fleet.writer.alerting.dueMessages(Date.now(), 10);
    if (!due) throw new Error("nothing is due");
    const { tenant, ...stored } = due;
    const delivery = { outboxId: message, receiver: "hook", atMs: Date.now(), ok: false, status: 404 };
    await fleet.writer.alerting.recordDelivery(tenant, {
      message: { ...stored, state: "dead", attempts: 1, lastError: "it answers 404" },
      delivery: { ...delivery, durationMs: 3, error: "it answers 404" },
      refs: null,
    });
    expect(await log("?state=dead")).toMatchObject([{ id: message, tries: [{ ok: false, status: 404 }] }]);
    expect((await resend(asked("POST"), id(message))).status).toBe(200);
    expect(await log("?state=dead")).toEqual([]);
    expect((await resend(asked("POST"), id("none"))).status).toBe(404);
  });

  it("a tree names receivers that there are, as values or as YAML with lines", async () => {
    const put = (body: object) => putRouting(asked("PUT", body));
    const yaml = (receiver: string) =>
      `route:\n  receiver: ${receiver}\n  routes:\n    - matchers:\n        - { label: severity, value: page }\n      repeatInterval: 1h\n`;
    expect(await failed(await put({ yaml: yaml("nobody") }))).toEqual([
      400,
      "the receiver nobody is not there; known: hook",
    ]);
    const [status, told] = await failed(await put({ yaml: `${yaml("hook")}      groupWait: soon\n` }));
    expect([status, told]).toEqual([400, expect.stringMatching(/^routes:7: route\.routes\.0\.groupWait/)]);
    expect((await put({ yaml: yaml("hook") })).status).toBe(200);
    const { routing, receivers } = await page();
    expect(routing).toMatchObject({ origin: "console", tree: { receiver: "hook" } });
    expect(receivers[0]?.routed).toBe(true);
    expect((await put({ yaml: routing.yaml })).status).toBe(200);
    expect((await put({ tree: routing.tree })).status).toBe(200);
    expect((await deleteReceiver(asked("DELETE"), named("hook"))).status).toBe(409);
    expect((await put({ tree: {} })).status).toBe(200);
    expect((await deleteReceiver(asked("DELETE"), named("hook"))).status).toBe(200);
  });
});

describe("alerts now", () => {
  const begun = { ...firstState(NOW), phase: "firing" as const, firedMs: NOW - HOUR, value: 0.2 };

  it("come with where they are told, who keeps them quiet, and who has them", async () => {
    const state = { waitingSinceMs: null, toldMs: NOW - HOUR, firing: { a1: NOW - HOUR }, sequence: 2 };
    await fleet.writer.alerting.saveAlerts(
      1,
      {
        alerts: [{ ruleId: "low", alertId: "a1", labels: { endpoint: "shop" }, state: begun }],
        events: [
          { ruleId: "low", alertId: "a1", atMs: NOW - HOUR, transition: "fired", value: 0.2, text: "20 %" },
        ],
        threads: [{ receiver: "hook", thread: "group:endpoint=shop", state }],
        ...{ gone: [], begun: [], messages: [] },
      },
      NOW,
    );
    const now = async () => (await page()).alerts[0];
    expect(await now()).toMatchObject({
      ...{ phase: "firing", text: "20 %", unit: "ratio", silence: null, severity: "page" },
      routed: { endpoint: "shop", rule: "low", severity: "page" },
      threads: [{ receiver: "hook", messages: 2, acknowledgedMs: null }],
    });
    const thread = "group:endpoint=shop";
    expect((await acknowledge(asked("POST", { thread, actor: "ann" }))).status).toBe(200);
    expect((await now())?.threads[0]).toMatchObject({ acknowledgedBy: "ann" });
    expect((await acknowledge(asked("POST", { thread: "none" }))).status).toBe(404);
    expect((await page()).rules.find(({ rule }) => rule.id === "low")).toMatchObject({
      phases: { firing: 1 },
      lastFiredMs: NOW - HOUR,
    });
  });

  it("are silenced with a reason until somebody ends it", async () => {
    const silence = (parts: object = {}) =>
      addSilence(
        asked("POST", {
          ...{ matchers: [{ label: "endpoint", operator: "like", value: "sh*" }], author: "ann" },
          ...{ reason: "we move", endsMs: Date.now() + HOUR, ...parts },
        }),
      );
    for (const wrong of [{ reason: " " }, { matchers: [] }, { endsMs: NOW - 1 }, { endsMs: NOW + 9e10 }])
      expect((await silence(wrong)).status).toBe(400);
    const { id: made } = (await (await silence()).json()) as { id: string };
    const during = await page();
    expect(during.alerts[0]?.silence).toMatchObject({ id: made, reason: "we move" });
    expect(during.silences).toMatchObject([{ id: made, state: "active", quiet: 1 }]);
    expect((await endSilence(asked("DELETE"), id(made))).status).toBe(200);
    const after = await page();
    expect([after.alerts[0]?.silence, after.silences[0]?.state]).toEqual([null, "past"]);
    expect((await endSilence(asked("DELETE"), id("none"))).status).toBe(404);
  });
});

describe("YAML", () => {
  it("what is exported is imported as it was, and wrong lines are named", async () => {
    const text = await (await exportRules(asked("GET"))).text();
    expect(text).toContain("id: low");
    expect((await deleteRule(asked("DELETE"), id("low"))).status).toBe(200);
    const take = (yaml: string) => importRules(asked("POST", { yaml, actor: "ann" }));
    expect(await (await take(text)).json()).toEqual({ rules: 1, receivers: 0, route: true });
    expect(await (await exportRules(asked("GET"))).text()).toBe(text);
    expect(await failed(await take(text.replace("id: low", "id: LOW")))).toEqual([
      400,
      expect.stringMatching(/^line:\d+: rules\.\d+\.id/),
    ]);
    const hook = (url: string) =>
      `receivers:\n  - name: h\n    kind: webhook\n    settings: { url: "${url}" }\n`;
    expect((await failed(await take(hook(`$${"{HOME}"}`))))[1]).toContain("the rules file only");
    expect((await take(hook("https://hooks.example"))).status).toBe(200);
    expect((await page()).receivers.map(({ name }) => name)).toEqual(["h"]);
  });
});

/** What every notifier over HTTP has to do, against real servers; and what each of them says to its receiver. */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Notifier } from "../../../collector/notify/notifier.ts";
import { GuardedHttp } from "../../../collector/notify/outbound-http.ts";
import { NOTIFIERS } from "../../../collector/notify/registry.ts";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { AUTHORITY, MESSAGE, OVER, Receiver } from "./server.ts";

const SECRET = "a-secret-of-the-receiver";
const SETTINGS: Readonly<Record<string, (url: string) => object>> = {
  webhook: (url) => ({ url, secret: SECRET }),
  slack: (url) => ({ url, token: SECRET, channel: "#edge" }),
  pagerduty: (url) => ({ url, routingKey: SECRET }),
  opsgenie: (url) => ({ url, apiKey: SECRET }),
  alertmanager: (url) => ({ url, authorization: `Bearer ${SECRET}` }),
};
/** A success as each receiver answers it. */
const TAKEN: Readonly<Record<string, readonly [status: number, body: string]>> = {
  slack: [200, JSON.stringify({ ok: true, channel: "C1", ts: "17.1" })],
  pagerduty: [202, JSON.stringify({ status: "success" })],
  opsgenie: [202, JSON.stringify({ result: "Request will be processed" })],
};
const HTTP = NOTIFIERS.filter(({ kind }) => SETTINGS[kind]);
const http = new GuardedHttp({ allowed: ["127.0.0.1"] });

let receiver: Receiver;
let url = "";
beforeEach(async () => {
  receiver = new Receiver((_, response) => response.end("{}"));
  url = `http://${await receiver.listen()}`;
});
afterEach(() => receiver.close());

type More = {
  readonly message?: AlertMessage;
  readonly to?: string;
  readonly guard?: GuardedHttp;
  readonly timeoutMs?: number;
  readonly refs?: Record<string, string> | null;
};
const send = (notifier: Notifier, more: More = {}) => {
  const { message = MESSAGE, to = url, guard = http, timeoutMs = 5_000, refs = null } = more;
  const settings = notifier.settings.parse(SETTINGS[notifier.kind]?.(to));
  return notifier.send(message, { settings, refs, http: guard, timeoutMs, nowMs: MESSAGE.atMs });
};
const answers = (status: number, body = "", headers: Record<string, string> = {}) => {
  receiver.answer = (_, response) => response.writeHead(status, headers).end(body);
};

it("tests every notifier over HTTP here, and e-mail beside it", () => {
  expect([...HTTP.map(({ kind }) => kind), "email"].sort()).toEqual(NOTIFIERS.map(({ kind }) => kind).sort());
});

describe.each(HTTP.map((notifier) => [notifier.kind, notifier] as const))("%s", (kind, notifier) => {
  const taken = () => answers(...(TAKEN[kind] ?? [200, "{}"]));

  it("delivers, with everything that somebody woken has to know, and nothing as markup", async () => {
    taken();
    expect(await send(notifier)).toMatchObject({ ok: true, error: null });
    const [got] = receiver.received;
    expect(got?.headers["content-type"]).toContain("application/json");
    const text = JSON.stringify(JSON.parse(got?.body ?? ""));
    for (const part of [
      "Accept rate at shop.example",
      "Key rotation, 12:02 UTC",
      "Drain edge-3.",
      "3.2 cores",
    ])
      expect(text, part).toContain(kind === "webhook" && part === "3.2 cores" ? "3.2" : part);
    expect(text).toContain("https://reprise.example/incidents/inc-7");
  });

  it("tells of the end", async () => {
    taken();
    expect(await send(notifier, { message: OVER })).toMatchObject({ ok: true });
    expect(receiver.received.at(-1)?.body).toMatch(/Over: |"resolve|endsAt/);
  });

  it("gives up on 4xx, with the receiver's words and without its credentials", async () => {
    answers(403, `no, not with ${"x".repeat(5_000)}`);
    const result = await send(notifier);
    expect(result).toMatchObject({ ok: false, status: 403, retryable: false });
    expect(result.error).toContain("no, not with");
    expect(result.error?.length).toBeLessThan(400);
    expect(result.error).not.toContain(SECRET);
  });

  it("comes back after 429 when it is told to, and after 5xx", async () => {
    answers(429, "slow down", { "retry-after": "17" });
    expect(await send(notifier)).toMatchObject({
      ok: false,
      status: 429,
      retryable: true,
      retryAfterMs: 17_000,
    });
    answers(503, "busy");
    expect(await send(notifier)).toMatchObject({
      ok: false,
      status: 503,
      retryable: true,
      retryAfterMs: null,
    });
  });

  it("does not follow redirects", async () => {
    answers(302, "", { location: "http://169.254.169.254/" });
    const result = await send(notifier);
    expect(result).toMatchObject({ ok: false, status: 302, retryable: false });
    expect(result.error).toContain("redirects are not followed");
    expect(receiver.received).toHaveLength(1);
  });

  it("waits no longer than it may for a receiver that says nothing, or never ends", async () => {
    receiver.answer = () => undefined;
    expect(await send(notifier, { timeoutMs: 300 })).toMatchObject({
      ok: false,
      status: null,
      retryable: true,
    });
    receiver.answer = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(drip));
    };
    expect(await send(notifier, { timeoutMs: 600 })).toMatchObject({ ok: false, retryable: true });
  });

  it("does not read more of an oversized answer than it needs", async () => {
    receiver.answer = (_, response) => {
      response.writeHead(500);
      const part = Buffer.alloc(65_536, 97);
      const more = (): void => {
        while (response.write(part));
        response.once("drain", more);
      };
      response.on("error", () => undefined);
      more();
    };
    const result = await send(notifier, { timeoutMs: 10_000 });
    expect(result).toMatchObject({ ok: false, status: 500, retryable: true });
    expect(result.error?.length).toBeLessThan(400);
  });

  it("trusts no certificate that it cannot check, and sends nothing then", async () => {
    const { cert, key } = AUTHORITY.issue("receiver.test");
    const secure = new Receiver((_, response) => response.end("{}"), { cert, key });
    const to = `https://${await secure.listen()}`;
    try {
      expect(await send(notifier, { to })).toMatchObject({ ok: false, status: null, retryable: true });
      expect(secure.received).toHaveLength(0);
      secure.answer = (_, response) =>
        response.writeHead(TAKEN[kind]?.[0] ?? 200).end(TAKEN[kind]?.[1] ?? "{}");
      const guard = new GuardedHttp({ allowed: ["127.0.0.1"], ca: AUTHORITY.ca.toString() });
      expect(await send(notifier, { to, guard })).toMatchObject({ ok: true });
    } finally {
      await secure.close();
    }
  });

  it("reaches nothing inside that it is not allowed to", async () => {
    const result = await send(notifier, { guard: new GuardedHttp({ allowed: [] }) });
    expect(result).toMatchObject({ ok: false, status: null, retryable: false });
    expect(result.error).toContain("address inside");
    expect(receiver.received).toHaveLength(0);
  });

  it("says that nobody is there", async () => {
    await receiver.close();
    expect(await send(notifier)).toMatchObject({
      ok: false,
      status: null,
      error: "ECONNREFUSED",
      retryable: true,
    });
    receiver = new Receiver((_, response) => response.end("{}"));
    await receiver.listen();
  });
});

const of = (kind: string): Notifier => NOTIFIERS.find((one) => one.kind === kind) as Notifier;

it("a webhook is signed, and every try has the same key", async () => {
  await send(of("webhook"));
  await send(of("webhook"));
  const [first, second] = receiver.received;
  const [, seconds = "", signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers["reprise-signature"])) ?? [];
  expect(signature).toBe(createHmac("sha256", SECRET).update(`${seconds}.${first?.body}`).digest("hex"));
  expect(first?.headers["idempotency-key"]).toBe(MESSAGE.id);
  expect(second?.headers["idempotency-key"]).toBe(MESSAGE.id);
});

it("Slack's first message is brought up to date, and what happens is told under it", async () => {
  answers(...(TAKEN.slack as [number, string]));
  const first = await send(of("slack"));
  expect(first.refs).toEqual({ channel: "C1", ts: "17.1" });
  await send(of("slack"), { message: OVER, refs: { channel: "C1", ts: "17.1" } });
  const bodies = receiver.received.map(({ path, body }) => [path, JSON.parse(body)] as const);
  expect(bodies.map(([path]) => path)).toEqual([
    "/api/chat.postMessage",
    "/api/chat.update",
    "/api/chat.postMessage",
  ]);
  expect(bodies[1]?.[1]).toMatchObject({ channel: "C1", ts: "17.1" });
  expect(bodies[2]?.[1]).toMatchObject({ thread_ts: "17.1" });
  expect(bodies[0]?.[1].text).toContain("&lt;b&gt;");
  answers(200, JSON.stringify({ ok: false, error: "channel_not_found" }));
  expect(await send(of("slack"))).toMatchObject({
    ok: false,
    retryable: false,
    error: "Slack says channel_not_found",
  });
});

it("PagerDuty and Opsgenie know a thread by one key, from its beginning to its end", async () => {
  answers(202, "{}");
  await send(of("pagerduty"));
  await send(of("pagerduty"), { message: OVER });
  await send(of("opsgenie"));
  await send(of("opsgenie"), { message: OVER });
  const [trigger, resolve, create, close] = receiver.received;
  const [begun, ended] = [JSON.parse(trigger?.body ?? ""), JSON.parse(resolve?.body ?? "")];
  expect([begun.event_action, ended.event_action]).toEqual(["trigger", "resolve"]);
  expect(begun.dedup_key).toBe(ended.dedup_key);
  expect(begun.payload.summary.length).toBeLessThanOrEqual(1_024);
  const { alias } = JSON.parse(create?.body ?? "");
  expect(close?.path).toBe(`/v2/alerts/${alias}/close?identifierType=alias`);
});

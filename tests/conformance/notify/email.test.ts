/** E-mail against a real SMTP server. */
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterEach, expect, it } from "vitest";
import { emailNotifier } from "../../../collector/notify/email/notifier.ts";
import { GuardedHttp } from "../../../collector/notify/outbound-http.ts";
import { AUTHORITY, MESSAGE, OVER } from "./server.ts";

const { cert, key } = AUTHORITY.issue("mail.test");
const http = new GuardedHttp({ allowed: ["127.0.0.1"] });
let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

type Rules = { readonly password?: string; readonly refuse?: { readonly code: number } };
async function smtp(rules: Rules = {}): Promise<{ port: number; mails: string[] }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    ...{ cert, key, authOptional: rules.password === undefined, logger: false },
    onAuth: (auth, _, done) =>
      auth.password === rules.password
        ? done(null, { user: auth.username })
        : done(new Error("wrong password")),
    onRcptTo: (_address, _session, done) =>
      rules.refuse ? done(Object.assign(new Error("not now"), { responseCode: rules.refuse.code })) : done(),
    onData: (stream, _, done) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        mails.push(Buffer.concat(parts).toString("utf8"));
        done();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  close = () => new Promise((done) => server.close(() => done()));
  return { port: (server.server.address() as AddressInfo).port, mails };
}
const send = (
  port: number,
  part: Record<string, unknown> = {},
  more: { guard?: GuardedHttp; timeoutMs?: number; message?: typeof MESSAGE } = {},
) => {
  const settings = emailNotifier.settings.parse({
    ...{
      host: "127.0.0.1",
      port,
      from: "reprise@edge.example",
      to: ["sre@edge.example", "edge@edge.example"],
    },
    ...{ ca: AUTHORITY.ca.toString(), ...part },
  });
  const { guard = http, timeoutMs = 10_000, message = MESSAGE } = more;
  return emailNotifier.send(message, { settings, refs: null, http: guard, timeoutMs, nowMs: MESSAGE.atMs });
};

it("delivers over STARTTLS as text and HTML with a picture; a thread stays together", async () => {
  const { port, mails } = await smtp();
  expect(await send(port)).toMatchObject({ ok: true, error: null });
  expect(await send(port, {}, { message: OVER })).toMatchObject({ ok: true });
  const [first = "", second = ""] = mails;
  expect(first).toContain("To: sre@edge.example, edge@edge.example");
  expect(first).toContain("multipart/alternative");
  expect(first).toContain("Content-Type: image/png");
  // The first bytes of a PNG, in base64.
  expect(first).toContain("iVBORw0KGgo");
  expect(first).toContain("Auto-Submitted: auto-generated");
  const plain = first.replaceAll("=\r\n", "").replaceAll("=3D", "=");
  expect(plain).toContain("First action: Drain edge-3.");
  expect(plain).toContain("shop.example &lt;b&gt;");
  expect(plain).toContain("https://reprise.example/incidents/inc-7");
  const reference = (mail: string) => /References: (<[^>]+>)/.exec(mail)?.[1];
  expect(reference(first)).toBeDefined();
  expect(reference(second)).toBe(reference(first));
  expect(first).toContain(`Message-ID: <${MESSAGE.id}@edge.example>`);
});

it("signs in, and says without the password that it is wrong", async () => {
  const { port, mails } = await smtp({ password: "open-sesame" });
  expect(await send(port, { user: "reprise", password: "open-sesame" })).toMatchObject({ ok: true });
  const wrong = await send(port, { user: "reprise", password: "closed-sesame" });
  expect(wrong).toMatchObject({ ok: false, retryable: false });
  expect(wrong.error).not.toContain("closed-sesame");
  expect(mails).toHaveLength(1);
});

it("comes back after 4xx, and gives up on 5xx", async () => {
  const busy = await smtp({ refuse: { code: 451 } });
  expect(await send(busy.port)).toMatchObject({ ok: false, status: 451, retryable: true });
  await close();
  const never = await smtp({ refuse: { code: 550 } });
  expect(await send(never.port)).toMatchObject({ ok: false, status: 550, retryable: false });
});

it("sends nothing to a server whose certificate it cannot check", async () => {
  const { port, mails } = await smtp();
  expect(await send(port, { ca: "" })).toMatchObject({ ok: false });
  expect(mails).toHaveLength(0);
});

it("sends nothing without TLS unless it is told to", async () => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData: (s, _, done) => s.on("end", done).resume(),
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  close = () => new Promise((done) => server.close(() => done()));
  const { port } = server.server.address() as AddressInfo;
  expect(await send(port)).toMatchObject({ ok: false, retryable: false });
  expect(await send(port, { tls: "none" })).toMatchObject({ ok: true });
});

it("reaches nothing inside that it is not allowed to, and waits for nobody for long", async () => {
  const { port } = await smtp();
  const refused = await send(port, {}, { guard: new GuardedHttp({ allowed: [] }) });
  expect(refused).toMatchObject({ ok: false, retryable: false });
  expect(refused.error).toContain("address inside");
  await close();
  const silent: Server = createServer(() => undefined);
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  close = () => new Promise((done) => silent.close(() => done()));
  const slow = await send((silent.address() as AddressInfo).port, {}, { timeoutMs: 500 });
  expect(slow).toMatchObject({ ok: false, retryable: true });
});

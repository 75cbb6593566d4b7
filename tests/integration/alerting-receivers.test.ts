/** From telemetry to receivers that people run: a webhook that checks signatures, and a mail server. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { type Received, Receiver } from "../conformance/notify/server.ts";
import { AlertFolder, messagesOf } from "../support/alert-collector.ts";
import { until } from "../support/collector.ts";

const WITHIN_MS = 60_000;
const VARIABLE = "REPRISE_TEST_SIGNING_SECRET";
const SECRET = "a secret that stands in no file";

let folder: AlertFolder;
let hook: Receiver;
let mails: string[];
let smtp: SMTPServer;

beforeEach(async () => {
  process.env[VARIABLE] = SECRET;
  folder = await AlertFolder.make();
  hook = new Receiver((_, response) => response.end());
  mails = [];
  smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ["STARTTLS"], logger: false },
    onData: (stream, _, done) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        mails.push(Buffer.concat(parts).toString("utf8"));
        done();
      });
    },
  });
  await new Promise<void>((done) => smtp.listen(0, "127.0.0.1", done));
  const { port } = smtp.server.address() as AddressInfo;
  await folder.rules([
    {
      ...{ name: "hook", kind: "webhook" },
      settings: { url: `http://${await hook.listen()}/reprise`, secret: `\${${VARIABLE}}` },
    },
    {
      ...{ name: "mail", kind: "email" },
      settings: {
        ...{ host: "127.0.0.1", port, tls: "none", from: "reprise@edge.example", to: ["sre@edge.example"] },
      },
    },
  ]);
});
afterEach(async () => {
  delete process.env[VARIABLE];
  await folder.destroy();
  await hook.close();
  await new Promise<void>((done) => smtp.close(() => done()));
});

/** As a receiver checks it: `t` is fresh and `v1` is the HMAC of `t.body` under the shared secret. */
function isSigned({ headers, body }: Received, secret: string): boolean {
  const match = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["reprise-signature"]));
  if (!match?.[1] || !match[2]) return false;
  const fresh = Math.abs(Date.now() / 1_000 - Number(match[1])) < 300;
  const wanted = createHmac("sha256", secret).update(`${match[1]}.${body}`).digest();
  return fresh && timingSafeEqual(wanted, Buffer.from(match[2], "hex"));
}

it("tells a signed webhook and a mail server of an alert and of its end, each once", {
  timeout: 240_000,
}, async () => {
  await folder.tell(["shop"], { resumed: 60, full: 140 });
  await folder.start();
  await until(async () => hook.received.length > 0 && mails.length > 0, WITHIN_MS);
  await folder.tell(["shop"], { resumed: 9_000, full: 10 });
  const collector = await folder.start();
  await until(async () => hook.received.length > 1 && mails.length > 1, WITHIN_MS);
  const sent = async () => (await messagesOf(collector)).every(({ state }) => state === "sent");
  await until(sent, WITHIN_MS);

  const told = hook.received.map(({ body }) => JSON.parse(body) as AlertMessage & { status: string });
  expect(told.map(({ status, title }) => `${status}: ${title}`)).toEqual([
    "firing: Accept rate is low (shop)",
    "resolved: Over: Accept rate is low (shop)",
  ]);
  expect(new Set(told.map(({ thread }) => thread)).size).toBe(1);
  for (const [index, one] of hook.received.entries()) {
    expect(one.headers["idempotency-key"]).toBe(told[index]?.id);
    expect(isSigned(one, SECRET)).toBe(true);
    expect(isSigned(one, "another secret")).toBe(false);
    expect(isSigned({ ...one, body: one.body.replace("shop", "shoq") }, SECRET)).toBe(false);
  }
  expect(mails.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]?.trim())).toEqual([
    "Accept rate is low (shop)",
    "Over: Accept rate is low (shop)",
  ]);
  const references = mails.map((mail) => /^References: (\S+)/m.exec(mail)?.[1]);
  expect(references[0]).toBe(references[1]);
  expect(told[0]?.alerts[0]?.summary).toContain("30.0 %");
  // What the secret is for never leaves with a message, nor stands in the rules file.
  expect(hook.received.some(({ body }) => body.includes(SECRET))).toBe(false);
  expect(await messagesOf(collector)).toHaveLength(4);
});

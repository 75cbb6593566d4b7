/** What is sent to people and written to logs, with names that somebody chose in order to forge it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { composeMessage } from "../../collector/alerting/compose.ts";
import type { LiveAlert, Told } from "../../collector/alerting/threads.ts";
import { htmlText } from "../../collector/notify/email/html.ts";
import { slackBlocks } from "../../collector/notify/slack/blocks.ts";
import { plainText } from "../../collector/notify/words.ts";
import { DEFAULT_RULES } from "../../lib/alerting/defaults.ts";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { escapeMarkdown } from "../../lib/read/incident-markdown.ts";
import { SCRIPTS } from "../support/hostile.ts";
import { freePort, startProgram } from "../support/process.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const FORGED = [
  "<!channel> all is well",
  "<https://evil.example|Open in Reprise>",
  "edge-1\nLikely cause: nothing, go back to sleep",
  "edge-1\r\nBcc: everybody@evil.example",
  "edge-1\u2028First action: none\u2029x",
  "edge-1\u001b[2J\u001b[31mgone",
  "edge-1\u202egpj.exe",
  "edge-1\u0000\u0008\u009b",
];
const NAMES = [...FORGED, ...SCRIPTS];

/** A message about an alert whose every label is this name. */
function messageOf(name: string): AlertMessage {
  const [rule] = DEFAULT_RULES;
  if (!rule) throw new Error("there are no rules");
  const alert: LiveAlert = {
    ...{ id: "a1", rule, labels: { endpoint: name, node: name }, text: `Accept rate of ${name}: 30 %` },
    ...{ firing: true, firedMs: NOW, resolvedMs: null, incident: null, finding: null },
  } as unknown as LiveAlert;
  const told = { id: "m1", thread: "t1", receiver: "r", reason: "first", alerts: [alert] } as unknown as Told;
  return composeMessage({ told, incident: null, linkTo: (path) => `https://r.example${path}`, nowMs: NOW });
}

it("no name forges a line, a link, a mention or markup in what people are sent", () => {
  const lines = plainText(messageOf("edge-1")).split("\n").length;
  for (const name of NAMES) {
    const message = messageOf(name);
    const plain = plainText(message);
    expect(plain.split(/[\n\r\u2028\u2029]/), name).toHaveLength(lines);
    expect(plain, name).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    const slack = JSON.stringify(slackBlocks(message).attachments).replaceAll(
      message.title.slice(0, 150),
      "",
    );
    // The header is plain text to Slack; all else is not, and takes what stands between < and > for its own.
    const marked = slackBlocks(message).attachments.flatMap((one) => textsOf(one, "mrkdwn"));
    for (const text of [slackBlocks(message).text, ...marked]) expect(text, name).not.toMatch(/[<>]/);
    expect(slack.includes("mrkdwn")).toBe(slack.includes('"verbatim":true'));
    const html = htmlText(message, null).replaceAll(
      /<\/?(div|p|table|tr|td|ul|li|a)( (style|href)="[^"<>]*")*>/g,
      "",
    );
    expect(html, name).not.toMatch(/[<>"']/);
  }
});

/** Texts of one kind anywhere within Slack's blocks. */
function textsOf(value: unknown, type: string): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = value as { readonly type?: string; readonly text?: unknown };
  const here = own.type === type && typeof own.text === "string" ? [own.text] : [];
  return [...here, ...Object.values(value).flatMap((part) => textsOf(part, type))];
}

it("no name is markup in a document", () => {
  for (const name of NAMES) {
    const text = escapeMarkdown(name);
    expect(text, name).not.toMatch(/[<>\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text.replaceAll(/\\[\\`*_{}[\]()#+\-.!|~:/@^=]/g, ""), name).not.toMatch(/[`*_[\]#|~@]/);
  }
});

it("no name is a line of a log: each line is one event's JSON", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reprise-hostile-"));
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ REPRISE_DATA_DIR: folder, REPRISE_COLLECTOR_PORT: String(port), REPRISE_SYSLOG_PORT: "0" },
    ...{ REPRISE_LOG_LEVEL: "debug" },
  };
  const collector = await startProgram(process.execPath, ["bin/reprise.mjs", "collector"], {
    ...{ port, env, withinMs: 30_000 },
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    for (const name of NAMES) {
      const event = { ts: Date.now(), outcome: "full", endpoint: name, node: name, userAgent: name };
      // One that is good, one that is not, and words that no route knows.
      const bodies = [JSON.stringify(event), JSON.stringify({ ...event, outcome: name }), name];
      for (const body of bodies) await fetch(`${url}/v1/handshakes`, { method: "POST", body });
      await fetch(`${url}/v1/lines/nginx?node=${encodeURIComponent(name)}`, { method: "POST", body: name });
      await fetch(`${url}/${encodeURIComponent(name)}`, { headers: { "user-agent": encodeURI(name) } });
    }
    const change = { id: "c1", atMs: Date.now(), kind: "deploy", title: FORGED.join(" ") };
    await fetch(`${url}/v1/changes`, { method: "POST", body: JSON.stringify(change) });
  } finally {
    await collector.stop();
    await rm(folder, { recursive: true });
  }
  const written = collector.output().split("\n").filter(Boolean);
  expect(written.length).toBeGreaterThan(0);
  for (const line of written) {
    expect(JSON.parse(line), line).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  }
}, 120_000);

import { createHash } from "node:crypto";
import { z } from "zod";
import type { AlertSeverity } from "../../../lib/domain/alert-rule.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";
import { factsOf, plainText } from "../words.ts";

const PRIORITIES: Readonly<Record<AlertSeverity, string>> = { page: "P1", ticket: "P3", info: "P5" };
/** Longest message and description that it takes. */
const MOST_MESSAGE = 130;
const MOST_DESCRIPTION = 15_000;

const settings = z.strictObject({
  apiKey: z.string().min(1).max(128),
  /** Of another region: https://api.eu.opsgenie.com. */
  url: z.url().max(2_048).default("https://api.opsgenie.com"),
  tags: z.array(z.string().min(1).max(50)).max(20).default([]),
});

/** Opsgenie alerts API: one alert a thread, by its alias. */
export const opsgenieNotifier: Notifier<z.infer<typeof settings>> = {
  kind: "opsgenie",
  title: "Opsgenie",
  about: "Its alerts API: a thread is one alert there, created and closed by its alias.",
  settings,
  secrets: ["apiKey"],
  fields: [
    { name: "apiKey", label: "API key", hint: "of an API integration", required: true, kind: "secret" },
    { name: "url", label: "Address", hint: "https://api.opsgenie.com", required: false, kind: "url" },
    { name: "tags", label: "Tags", hint: "tls, edge", required: false, kind: "list" },
  ],
  send: async (message, { settings: { apiKey, url, tags }, http, timeoutMs }) => {
    const alias = createHash("sha256").update(message.thread).digest("hex").slice(0, 40);
    const base = `${url.replace(/\/+$/, "")}/v2/alerts`;
    const over = message.reason === "resolved";
    const [first] = message.alerts;
    const body = over
      ? { source: "Reprise", note: message.title }
      : {
          ...{ alias, message: message.title.slice(0, MOST_MESSAGE), source: "Reprise", tags },
          description: plainText(message).slice(0, MOST_DESCRIPTION),
          priority: PRIORITIES[message.severity],
          entity: first?.labels.endpoint ?? "",
          details: Object.fromEntries(factsOf(message).map(({ label, text }) => [label, text])),
        };
    const answer = await http.request({
      ...{ method: "POST", url: over ? `${base}/${alias}/close?identifierType=alias` : base, timeoutMs },
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `GenieKey ${apiKey}` },
    });
    return resultOf(answer);
  },
};

import { createHash } from "node:crypto";
import type { z } from "zod";
import type { AlertSeverity } from "../../../lib/domain/alert-rule.ts";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";
import { factsOf, plainText } from "../words.ts";

const PRIORITIES: Readonly<Record<AlertSeverity, string>> = { page: "P1", ticket: "P3", info: "P5" };
/** Longest message and description that it takes. */
const MOST_MESSAGE = 130;
const MOST_DESCRIPTION = 15_000;

/** Opsgenie alerts API: one alert a thread, by its alias. */
export const opsgenieNotifier: Notifier<z.infer<typeof NOTIFIER_KINDS.opsgenie.settings>> = {
  ...NOTIFIER_KINDS.opsgenie,
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

import { createHash } from "node:crypto";
import type { z } from "zod";
import type { AlertSeverity } from "../../../lib/domain/alert-rule.ts";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";
import { alertLines, factsOf } from "../words.ts";

const SEVERITIES: Readonly<Record<AlertSeverity, string>> = {
  page: "critical",
  ticket: "warning",
  info: "info",
};
/** Longest summary that it takes. */
const MOST_SUMMARY = 1_024;

/** PagerDuty Events API v2: one incident a thread, by its key. */
export const pagerdutyNotifier: Notifier<z.infer<typeof NOTIFIER_KINDS.pagerduty.settings>> = {
  ...NOTIFIER_KINDS.pagerduty,
  send: async (message, { settings: { routingKey, url }, http, timeoutMs }) => {
    const [first] = message.alerts;
    const facts = factsOf(message).map(({ label, text }) => [label, text]);
    const event = {
      routing_key: routingKey,
      event_action: message.reason === "resolved" ? "resolve" : "trigger",
      dedup_key: createHash("sha256").update(message.thread).digest("hex").slice(0, 40),
      payload: {
        summary: message.title.slice(0, MOST_SUMMARY),
        source: first?.labels.node ?? first?.labels.endpoint ?? "reprise",
        severity: SEVERITIES[message.severity],
        timestamp: new Date(message.atMs).toISOString(),
        component: first?.labels.endpoint ?? null,
        group: first?.labels.region ?? null,
        class: message.diagnosis?.mode ?? first?.ruleId ?? null,
        custom_details: { ...Object.fromEntries(facts), alerts: alertLines(message) },
      },
      ...(message.url
        ? { client: "Reprise", client_url: message.url, links: linksOf(message.url, first?.runbookUrl) }
        : {}),
    };
    const answer = await http.request({
      ...{ method: "POST", url: `${url.replace(/\/+$/, "")}/v2/enqueue`, timeoutMs },
      ...{ body: JSON.stringify(event), headers: { "content-type": "application/json" } },
    });
    return resultOf(answer);
  },
};

function linksOf(url: string, runbookUrl: string | null | undefined) {
  return [{ href: url, text: "Reprise" }, ...(runbookUrl ? [{ href: runbookUrl, text: "Runbook" }] : [])];
}

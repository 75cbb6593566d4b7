import type { AlertMessage, MessageAlert } from "../../../lib/alerting/message.ts";
import { factsOf, plainText } from "../words.ts";

/** Labels as Alertmanager wants them: the rule is the alert's name, and everything that it is split by. */
export function alertmanagerLabels(alert: MessageAlert): Record<string, string> {
  return { ...alert.labels, alertname: alert.ruleId, severity: alert.severity };
}

export function alertmanagerAnnotations(message: AlertMessage, alert: MessageAlert): Record<string, string> {
  const facts = factsOf(message).map(({ label, text }) => `${label}: ${text}`);
  return {
    summary: message.diagnosis ? message.diagnosis.headline : `${alert.title}: ${alert.summary}`,
    description: facts.length ? facts.join("\n") : alert.summary,
    ...(alert.runbookUrl ? { runbook_url: alert.runbookUrl } : {}),
  };
}

/** The body of Alertmanager's own webhooks, version 4. */
export function alertmanagerPayload(message: AlertMessage): object {
  const alerts = message.alerts.map((alert) => ({
    status: alert.firing ? "firing" : "resolved",
    labels: alertmanagerLabels(alert),
    annotations: alertmanagerAnnotations(message, alert),
    startsAt: new Date(alert.firedMs).toISOString(),
    // The zero time of Go stands for "not over".
    endsAt: alert.firing ? "0001-01-01T00:00:00Z" : new Date(alert.resolvedMs ?? message.atMs).toISOString(),
    generatorURL: message.url ?? "",
    fingerprint: alert.id,
  }));
  const [first] = alerts;
  const common = Object.entries(first?.labels ?? {}).filter(([name, value]) =>
    alerts.every(({ labels }) => labels[name] === value),
  );
  return {
    ...{ version: "4", groupKey: message.thread, truncatedAlerts: 0 },
    status: message.reason === "resolved" ? "resolved" : "firing",
    ...{ receiver: "reprise", groupLabels: {}, commonLabels: Object.fromEntries(common) },
    commonAnnotations: { summary: message.title, description: plainText(message) },
    ...{ externalURL: message.url ?? "", alerts },
  };
}

/** A message in words, as every notifier that is read by people uses them. */
import type { AlertMessage, MessageAlert } from "../../lib/alerting/message.ts";
import { inCores, inPercent, inUtc } from "../../lib/domain/words.ts";

/** Alerts that a text lists. */
const MOST_LISTED = 10;

/** Facts under the title, each a label and a line; the same order everywhere. */
export function factsOf(message: AlertMessage): { readonly label: string; readonly text: string }[] {
  const { diagnosis } = message;
  if (!diagnosis) return [];
  const facts: [string, string | null][] = [
    ["Kind", `${diagnosis.mode} (${inPercent(diagnosis.probability)} likely)`],
    ["Likely cause", diagnosis.cause],
    ["CPU at risk", diagnosis.cpuAtRiskCores === null ? null : inCores(diagnosis.cpuAtRiskCores)],
    ["Until when", diagnosis.recovery],
    ["First action", diagnosis.firstAction],
    ["Do not", diagnosis.doNots.length ? diagnosis.doNots.join(" ") : null],
  ];
  return facts.flatMap(([label, text]) => (text === null ? [] : [{ label, text }]));
}

/** One line of an alert: since when, what was measured, where. */
export function alertLine(alert: MessageAlert, nowMs: number): string {
  const since = alert.firing
    ? `since ${inUtc(alert.firedMs, nowMs)}`
    : `over since ${inUtc(alert.resolvedMs ?? nowMs, nowMs)}`;
  const where = ["endpoint", "node", "region", "family", "protocol"].flatMap(
    (name) => alert.labels[name] ?? [],
  );
  return `${alert.title}${where.length ? ` (${where.join(", ")})` : ""}, ${since}: ${alert.summary}`;
}

/** Lines of the alerts, and how many more there are. */
export function alertLines(message: AlertMessage): string[] {
  const lines = message.alerts.slice(0, MOST_LISTED).map((alert) => alertLine(alert, message.atMs));
  const more = message.alerts.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

/** The whole message as plain text. */
export function plainText(message: AlertMessage): string {
  return [
    message.title,
    "",
    ...factsOf(message).map(({ label, text }) => `${label}: ${text}`),
    ...(message.diagnosis ? [] : alertLines(message)),
    ...(message.url ? ["", message.url] : []),
  ].join("\n");
}

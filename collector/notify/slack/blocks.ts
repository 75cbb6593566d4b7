import type { AlertMessage } from "../../../lib/alerting/message.ts";
import type { AlertSeverity } from "../../../lib/domain/alert-rule.ts";
import { alertLines, factsOf } from "../words.ts";

const COLOURS: Readonly<Record<AlertSeverity, string>> = {
  page: "#c2410c",
  ticket: "#b45309",
  info: "#4b5563",
};
const OVER = "#15803d";
/** Longest texts that Slack takes in a header and in a section. */
const MOST_HEADER = 150;
const MOST_SECTION = 2_900;

/** Text with Slack's control characters escaped, so that no name can become a link or a mention. */
export function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** `verbatim`: a name that looks like an address or a channel does not become a link to it. */
const section = (text: string) => ({
  type: "section",
  text: { type: "mrkdwn", text: text.slice(0, MOST_SECTION), verbatim: true },
});

/** A message as Slack's blocks, with a line of text for notifications. */
export function slackBlocks(message: AlertMessage): { text: string; attachments: object[] } {
  const facts = factsOf(message).map(({ label, text }) => `*${label}:* ${slackText(text)}`);
  const lines = message.diagnosis ? [] : alertLines(message).map((line) => `• ${slackText(line)}`);
  const runbook = message.alerts.find(({ runbookUrl }) => runbookUrl)?.runbookUrl;
  const buttons = [
    ...(message.url ? [button("Open in Reprise", message.url)] : []),
    ...(runbook ? [button("Runbook", runbook)] : []),
  ];
  const blocks = [
    { type: "header", text: { type: "plain_text", text: message.title.slice(0, MOST_HEADER) } },
    ...(message.title.length > MOST_HEADER ? [section(slackText(message.title))] : []),
    ...(facts.length ? [section(facts.join("\n"))] : []),
    ...(lines.length ? [section(lines.join("\n"))] : []),
    ...(message.course ? [section(`\`${sparkline(message.course.points)}\` ${message.course.label}`)] : []),
    ...(buttons.length ? [{ type: "actions", elements: buttons }] : []),
  ];
  const color = message.reason === "resolved" ? OVER : COLOURS[message.severity];
  return { text: slackText(message.title), attachments: [{ color, blocks }] };
}

const button = (text: string, url: string) => ({ type: "button", text: { type: "plain_text", text }, url });

const BARS = "▁▂▃▄▅▆▇█";
const MOST_BARS = 40;

/** A course as a line of bars from 0 to its highest value; a gap is a blank. */
export function sparkline(points: readonly { readonly value: number | null }[]): string {
  const width = Math.max(1, Math.ceil(points.length / MOST_BARS));
  const groups = Array.from({ length: Math.ceil(points.length / width) }, (_, i) =>
    points.slice(i * width, (i + 1) * width).flatMap(({ value }) => (value === null ? [] : [value])),
  );
  const means = groups.map((values) =>
    values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null,
  );
  const top = Math.max(...means.map((mean) => mean ?? 0), Number.MIN_VALUE);
  return means
    .map((mean) => (mean === null ? " " : (BARS[Math.min(7, Math.floor((mean / top) * 8))] ?? "▁")))
    .join("");
}

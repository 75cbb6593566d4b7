import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { alertLines, factsOf } from "../words.ts";

/** Text in which nothing is markup: names come from whoever sends telemetry. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A message as HTML that mail programs show: a table, no style sheet, no address that is loaded from outside. */
export function htmlText(message: AlertMessage, pictureId: string | null): string {
  const facts = factsOf(message).map(
    ({ label, text }) =>
      `<tr><td style="padding:2px 12px 2px 0;color:#57606a;vertical-align:top;white-space:nowrap">${escapeHtml(label)}</td><td style="padding:2px 0">${escapeHtml(text)}</td></tr>`,
  );
  const lines = message.diagnosis ? [] : alertLines(message).map((line) => `<li>${escapeHtml(line)}</li>`);
  const runbook = message.alerts.find(({ runbookUrl }) => runbookUrl)?.runbookUrl;
  const links = [
    ...(message.url ? [`<a href="${escapeHtml(message.url)}">Open in Reprise</a>`] : []),
    ...(runbook ? [`<a href="${escapeHtml(runbook)}">Runbook</a>`] : []),
  ];
  return [
    `<div style="font-family:sans-serif;font-size:14px;color:#1f2328;max-width:660px">`,
    `<p style="font-size:16px;font-weight:600;margin:0 0 8px">${escapeHtml(message.title)}</p>`,
    ...(pictureId
      ? [
          `<img src="cid:${escapeHtml(pictureId)}" width="640" alt="${escapeHtml(message.course?.label ?? "course")}" style="max-width:100%">`,
        ]
      : []),
    ...(facts.length ? [`<table style="border-collapse:collapse">${facts.join("")}</table>`] : []),
    ...(lines.length ? [`<ul style="padding-left:18px">${lines.join("")}</ul>`] : []),
    ...(links.length ? [`<p>${links.join(" · ")}</p>`] : []),
    "</div>",
  ].join("\n");
}

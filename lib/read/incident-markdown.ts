import type { Decomposition, IncidentReply } from "../contract/read-incidents.ts";
import { whereOf } from "../domain/incident-words.ts";
import { inCores, inLength, inPercent, inPoints, inShare, inUtc, inWhole } from "../domain/words.ts";

const MOST_ROWS = 12;

/**
 * A text that came from outside (names, titles, comments) as Markdown that shows exactly that text: no markup, no HTML,
 * no links, one line. Characters that do not show become spaces.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\\`*_{}[\]()#+\-.!|~:/@^=]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .trim();
}

/** An incident as a Markdown document, for a ticket or a post-mortem. Times are UTC. */
export function incidentMarkdown(reply: IncidentReply): string {
  const sections = [
    head(reply),
    why(reply),
    made(reply.decomposition),
    where(reply),
    recovery(reply),
    advice(reply),
    life(reply),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function head({ incident, cost }: IncidentReply): string[] {
  const { id, state, class: which, onsetMs, openedMs, resolvedMs, reopened, lost } = incident;
  const item = (name: string, value: string | null): string[] =>
    value === null ? [] : [`- **${name}:** ${escapeMarkdown(value)}`];
  return [
    `# ${escapeMarkdown(incident.headline)}`,
    "",
    ...item("Incident", `${id} (${which}, ${state})`),
    ...item("Since", `${inUtc(onsetMs, 0)}, found ${inLength(openedMs - onsetMs)} later`),
    ...item("Until", resolvedMs === null ? null : inUtc(resolvedMs, 0)),
    ...item("Reopened", reopened > 0 ? `${reopened} times` : null),
    ...item("Where", whereOf(incident.scope)),
    ...item("Handshakes lost", lost === null ? null : inWhole(lost)),
    ...item("CPU at risk", incident.cpuAtRiskCores === null ? null : inCores(incident.cpuAtRiskCores)),
    ...item("Cost", cost.sentence),
    ...item("Acknowledged by", incident.acknowledgedBy),
    ...item("Assigned to", incident.assignee),
  ];
}

type Evidence = IncidentReply["diagnoses"][number]["evidence"];

function evidenceLines(evidence: Evidence): string[] {
  return evidence.map(
    ({ text, weight }) => `  - ${weight >= 0 ? "for" : "against"}: ${escapeMarkdown(text)}`,
  );
}

function why({ diagnoses, suspects }: IncidentReply): string[] {
  const kinds = diagnoses.flatMap(({ title, failureModes, probability, evidence }) => [
    `- ${escapeMarkdown([title, ...failureModes].join(" "))}, ${inPercent(probability)}`,
    ...evidenceLines(evidence),
  ]);
  const causes = suspects.flatMap(({ change, probability, lagMs, evidence }) => {
    const lag =
      lagMs === null ? "" : `, ${inLength(Math.abs(lagMs))} ${lagMs >= 0 ? "before" : "after"} the onset`;
    const name = change ? `${change.kind}: ${change.title} (${change.id})` : "no recorded change";
    return [`- ${escapeMarkdown(name)}, ${inPercent(probability)}${lag}`, ...evidenceLines(evidence)];
  });
  return ["## Kind", "", ...kinds, "", "## Suspected changes", "", ...causes];
}

function made(decomposition: Decomposition | null): string[] {
  if (!decomposition) return [];
  const { before, after, byOffers, byAcceptance, mix, rate } = decomposition;
  const row = (name: string, part: "r" | "o" | "a"): string =>
    `| ${name} | ${before[part] ? inShare(before[part]) : "not known"} | ${after[part] ? inShare(after[part]) : "not known"} |`;
  const points = (name: string, value: number | null): string[] =>
    value === null ? [] : [`- ${name}: ${value < 0 ? "−" : "+"}${inPoints(value)}`];
  return [
    "## What changed",
    "",
    "| | before | since |",
    "|---|---|---|",
    row("Resume rate", "r"),
    row("Offer rate", "o"),
    row("Accept rate", "a"),
    "",
    ...points("By what clients offered", byOffers),
    ...points("By what was accepted", byAcceptance),
    ...points("By who came (mix)", mix),
    ...points("By what happened to them (rate)", rate),
  ];
}

function where({ contributions }: IncidentReply): string[] {
  if (contributions.length === 0) return [];
  const rows = contributions
    .slice(0, MOST_ROWS)
    .map(({ dimension, value, before, after, lost, lostShare }) => {
      const name = `${dimension} ${escapeMarkdown(value ?? "(unknown)")}`;
      const [was, is] = [before, after].map((side) => (side ? inShare(side) : "nothing"));
      return `| ${name} | ${was} | ${is} | ${inWhole(lost)} | ${inPercent(lostShare)} |`;
    });
  return ["## Where", "", "| part | before | since | lost | of all lost |", "|---|---|---|---|---|", ...rows];
}

function recovery({ recovery: course }: IncidentReply): string[] {
  if (!course) return [];
  const { eta, sentence } = course;
  const when = eta
    ? [`Expected back: ${inUtc(eta.atMs, 0)} (${inUtc(eta.lowMs, 0)} to ${inUtc(eta.highMs, 0)}).`]
    : [];
  return ["## Recovery", "", escapeMarkdown(sentence), ...when];
}

function advice({ advice: { first, doNot, runbook } }: IncidentReply): string[] {
  return [
    "## What to do",
    "",
    `1. ${escapeMarkdown(first)}`,
    ...doNot.map((text) => `- ${escapeMarkdown(text)}`),
    ...(runbook === null ? [] : [`- Runbook: ${escapeMarkdown(runbook)}`]),
  ];
}

function life({ updates }: IncidentReply): string[] {
  if (updates.length === 0) return [];
  const lines = updates.map(({ atMs, kind, actor, text }) => {
    const said = [kind, ...(actor === null ? [] : [`by ${actor}`])].join(" ");
    return `- ${inUtc(atMs, 0)}: ${escapeMarkdown(said)}${text === "" ? "" : `: ${escapeMarkdown(text)}`}`;
  });
  return ["## Life", "", ...lines];
}

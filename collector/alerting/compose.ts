import type { AlertMessage, MessageAlert, MessageDiagnosis } from "../../lib/alerting/message.ts";
import type { IncidentReply } from "../../lib/contract/read-incidents.ts";
import { ALERT_SEVERITIES, type AlertSeverity } from "../../lib/domain/alert-rule.ts";
import { signalName } from "../../lib/domain/incident-words.ts";
import { inLength, inOneLine, inPercent, inUtc } from "../../lib/domain/words.ts";
import type { LiveAlert, Told } from "./threads.ts";

/** Alerts that a message lists; of more it says how many. */
const MOST_LISTED = 50;

export type LinkTo = (path: string) => string;

export type ComposeInput = {
  readonly told: Told;
  /** The incident that the thread is about, read for this message; null where it is about none. */
  readonly incident: IncidentReply | null;
  /** The address of a page of the console; null where the console's is not known. */
  readonly linkTo: LinkTo | null;
  readonly nowMs: number;
};

/** What a thread tells now: what, where, since when, what it costs, the likely cause and what to do first. */
export function composeMessage({ told, incident, linkTo, nowMs }: ComposeInput): AlertMessage {
  const firing = told.alerts.filter((alert) => alert.firing);
  const over = told.reason === "resolved";
  const listed = [...firing, ...told.alerts.filter((alert) => !alert.firing)].slice(0, MOST_LISTED);
  const headline = incident?.incident.headline ?? titleOf(over ? told.alerts : firing);
  return oneLined({
    ...{ id: told.id, thread: told.thread, reason: told.reason, atMs: nowMs },
    severity: worst(over ? told.alerts : firing),
    title: `${over ? "Over: " : told.reason === "repeat" ? "Still: " : ""}${headline}`,
    alerts: listed.map((alert) => messageAlert(alert, linkTo)),
    diagnosis: incident && diagnosisOf(incident, nowMs),
    url: linkTo?.(incident ? `/incidents/${incident.incident.id}` : "/alerts") ?? null,
    course: incident && courseOf(incident),
  });
}

/** A message whose every text is one line, so that no name can forge another line of it. */
function oneLined<T>(value: T): T {
  if (typeof value === "string") return inOneLine(value) as T;
  if (Array.isArray(value)) return value.map(oneLined) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, oneLined(part)])) as T;
}

function titleOf(alerts: readonly LiveAlert[]): string {
  const [first, ...more] = alerts;
  if (!first) return "Alerts whose rule is gone";
  const where = ["endpoint", "node", "region", "family", "protocol"].flatMap(
    (name) => first.labels[name] ?? [],
  );
  const place = where.length ? ` (${where.join(", ")})` : "";
  return `${first.rule.title}${place}${more.length ? `, and ${more.length} more` : ""}`;
}

function worst(alerts: readonly LiveAlert[]): AlertSeverity {
  return ALERT_SEVERITIES.find((name) => alerts.some(({ rule }) => rule.severity === name)) ?? "info";
}

function messageAlert(alert: LiveAlert, linkTo: LinkTo | null): MessageAlert {
  const { id, rule, labels, text, firing, firedMs, resolvedMs } = alert;
  return {
    ...{ id, ruleId: rule.id, title: rule.title, severity: rule.severity, labels, summary: text },
    ...{ firing, firedMs, resolvedMs },
    runbookUrl: runbookUrl(rule.runbook, linkTo),
  };
}

/** An address as it stands; the name of a shipped runbook as a page of the console. */
function runbookUrl(runbook: string | undefined, linkTo: LinkTo | null): string | null {
  if (runbook === undefined) return null;
  if (/^https?:\/\//.test(runbook)) return runbook;
  return linkTo?.(`/runbooks/${encodeURIComponent(runbook)}`) ?? null;
}

function diagnosisOf(reply: IncidentReply, nowMs: number): MessageDiagnosis {
  const { incident, suspects, recovery, advice } = reply;
  const suspect = suspects[0];
  const cause = suspect?.change
    ? `${suspect.change.title}, ${inUtc(suspect.change.atMs, nowMs)} (${inPercent(suspect.probability)} likely)`
    : "No recorded change explains this.";
  return {
    ...{ incidentId: incident.id, headline: incident.headline },
    ...{ mode: incident.mode.title, probability: incident.mode.probability, cause },
    cpuAtRiskCores: incident.cpuAtRiskCores,
    recovery: incident.state === "resolved" ? overText(incident) : (recovery?.sentence ?? null),
    ...{ firstAction: advice.first, doNots: advice.doNot },
  };
}

function overText({ resolvedMs, onsetMs }: IncidentReply["incident"]): string | null {
  return resolvedMs === null ? null : `It lasted ${inLength(resolvedMs - onsetMs)}.`;
}

function courseOf({ course, incident }: IncidentReply): AlertMessage["course"] {
  const timed = incident.departure.signal.endsWith("_time");
  const unit = timed ? "us" : "ratio";
  const points = course.map(({ t, value }) => ({ t, value }));
  const expected = course.findLast((point) => point.expected !== null)?.expected ?? null;
  return points.length === 0
    ? null
    : { label: signalName(incident.departure.signal), unit, points, expected };
}

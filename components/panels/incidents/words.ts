/** Words and orders of incidents on screens. Pure. */
import type { LaneIncident } from "@/components/charts/prepare/incident-lane.ts";
import type { IncidentRow, IncidentScope, IncidentState } from "@/lib/contract/read-incidents.ts";
import { inList } from "@/lib/domain/words.ts";

export const STATE_WORDS: Readonly<Record<IncidentState, string>> = {
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
};

/** What a departed signal is called, in the words of headlines, and what its figures are. */
export type SignalWords = {
  readonly label: string;
  /** `relative`: against what is usual, which is 1. `length`: milliseconds. */
  readonly measure: "share" | "relative" | "length";
};
const share = (label: string): SignalWords => ({ label, measure: "share" });
const SIGNALS: Readonly<Record<string, SignalWords>> = {
  resume: share("Resume rate"),
  accept: share("Accept rate"),
  unknown_key: share("Offers under an unknown key"),
  expired: share("Offers refused as expired"),
  cache_miss: share("Offers of sessions that no cache held"),
  context: share("Offers refused for another name, certificate or hash"),
  policy_off: share("Offers refused because resumption is off"),
  early: share("Early data accepted"),
  early_rejected: share("Early data refused"),
  failure: share("Failed handshakes"),
  full_time: { label: "Time of full handshakes", measure: "relative" },
  resumed_time: { label: "Time of resumed handshakes", measure: "relative" },
  key_age: { label: "Age of the ticket key", measure: "length" },
};

/** The words for a signal of the detector; one that is not listed keeps its own name. */
export function signalWords(signal: string): SignalWords {
  return SIGNALS[signal] ?? share(signal.replaceAll("_", " "));
}

/** What the course of an incident is of: its own signal, or R beside one that is not of handshakes. */
export function courseWords(signal: string): { readonly label: string; readonly unit: "ratio" | "us" } {
  const { label, measure } = signalWords(signal);
  if (measure === "length") return { label: "Resume rate", unit: "ratio" };
  return { label, unit: measure === "share" ? "ratio" : "us" };
}

/** What the parts of an incident are told by: R for whatever departed of resumption, otherwise its own signal. */
export function partsLabel({ family, departure }: Pick<IncidentRow, "family" | "departure">): string {
  return signalWords(family === "resumption" ? "resume" : departure.signal).label;
}

/** The metric of the read API that shows the same, by value; null where there is none. */
export function partsMetric({ family, departure }: Pick<IncidentRow, "family" | "departure">): string | null {
  if (family === "resumption") return "resume_rate";
  if (departure.signal === "early") return "early_data_accept_rate";
  return departure.signal === "failure" ? "failure_rate" : null;
}

/** The scope in words: what it is narrowed to, endpoints first. */
export function scopeText(scope: IncidentScope): string {
  const parts = [scope.endpoints, scope.nodes, scope.regions, scope.families, scope.protocols];
  const said = parts.flatMap((names) => (names?.length ? [inList(names)] : []));
  return said.length ? said.join(" · ") : "whole fleet";
}

/** Open ones first, then acknowledged; pages before what is only told; the newest first. */
export function byUrgency(a: IncidentRow, b: IncidentRow): number {
  const state: Readonly<Record<IncidentState, number>> = { open: 0, acknowledged: 1, resolved: 2 };
  const kind = (row: IncidentRow): number => (row.class === "page" ? 0 : 1);
  const over = (row: IncidentRow): number => (row.state === "resolved" ? 1 : 0);
  return over(a) - over(b) || kind(a) - kind(b) || state[a.state] - state[b.state] || b.openedMs - a.openedMs;
}

/** What evidence does to the odds, from its weight in nats: "×12", "÷3". */
export function oddsText(weight: number): string {
  const factor = Math.exp(Math.abs(weight));
  const size = factor >= 1_000 ? "1000+" : factor >= 9.95 ? factor.toFixed(0) : factor.toFixed(1);
  return `${weight < 0 ? "÷" : "×"}${size}`;
}

/** An incident as a lane shows it. */
export function toLane(row: IncidentRow): LaneIncident {
  const { id, headline, class: kind, state, onsetMs, resolvedMs } = row;
  return { id, headline, class: kind, state, onsetMs, endMs: resolvedMs };
}

/** The failure mode whose runbook it is, of "FM-02" or a path that names it; null where it names none. */
export function runbookId(runbook: string | null): string | null {
  return /FM-\d{2}/.exec(runbook ?? "")?.[0] ?? null;
}

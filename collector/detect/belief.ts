/** From what the detector says to an incident as it is kept. Pure. */
import { createHash } from "node:crypto";
import { titleOf } from "../../lib/detect/advice.ts";
import type { DetectorEvent, Diagnosis, Scope, Suspect } from "../../lib/detect/types.ts";
import { headlineOf } from "../../lib/domain/incident-words.ts";
import { inPercent } from "../../lib/domain/words.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";

/** What the detector says of an incident that is going on. */
export type Told = Extract<DetectorEvent, { readonly type: "opened" | "refined" }>;

/** Departures whose onsets lie this close may have one cause. */
const SAME_ONSET_MS = 300_000;
/** A suspect that is at least this probable is taken for the cause. */
const LIKELY = 0.5;

/** An id that is the same whenever the same telemetry is judged anew. */
export function idOf({ family, class: incidentClass, atMs, explanation }: Told): string {
  const text = JSON.stringify([incidentClass, atMs, [...explanation.scope.endpoints].sort()]);
  return `${family}-${createHash("sha256").update(`${family}\u0000${text}`).digest("hex").slice(0, 12)}`;
}

function partsOverlap(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === null || b === null || a.some((name) => b.includes(name));
}

/** Whether two scopes have anything in common. No endpoint named means all. */
export function overlaps(a: Scope, b: Scope): boolean {
  const endpoints = (scope: Scope) => (scope.endpoints.length ? scope.endpoints : null);
  return (
    partsOverlap(endpoints(a), endpoints(b)) &&
    partsOverlap(a.nodes, b.nodes) &&
    partsOverlap(a.regions, b.regions) &&
    partsOverlap(a.families, b.families) &&
    partsOverlap(a.protocols, b.protocols)
  );
}

function likely(suspects: readonly Suspect[]): string | null {
  const best = suspects[0];
  return best && best.probability >= LIKELY ? best.changeId : null;
}

const modeOf = (diagnoses: readonly Diagnosis[]): string => diagnoses[0]?.mode ?? "unknown";

/** Whether an incident elsewhere has the same cause: the same change, or, without one, the same mode at the same time. */
export function sameCause(incident: StoredIncident, told: Told): boolean {
  const { explanation } = told;
  if (Math.abs(incident.onsetMs - explanation.onsetMs) > SAME_ONSET_MS) return false;
  const [a, b] = [likely(incident.suspects), likely(explanation.suspects)];
  if (a !== null || b !== null) return a === b;
  const mode = modeOf(incident.diagnoses);
  return mode !== "unknown" && mode === modeOf(explanation.diagnoses);
}

/** Whether a departure is put down to a change that an incident was not put down to. */
export function hasOtherCause(incident: StoredIncident, { explanation }: Told): boolean {
  const cause = likely(explanation.suspects);
  return cause !== null && cause !== likely(incident.suspects);
}

function union(parts: readonly (readonly string[] | null)[]): string[] | null {
  const names = new Set<string>();
  for (const part of parts) {
    if (part === null) return null;
    for (const name of part) names.add(name);
  }
  return [...names];
}

/** The scope of several departures with one cause. */
export function scopeOf(scopes: readonly Scope[]): Scope {
  return {
    endpoints: scopes.some(({ endpoints }) => endpoints.length === 0)
      ? []
      : [...new Set(scopes.flatMap(({ endpoints }) => endpoints))].sort(),
    nodes: union(scopes.map(({ nodes }) => nodes)),
    regions: union(scopes.map(({ regions }) => regions)),
    families: union(scopes.map(({ families }) => families)),
    protocols: union(scopes.map(({ protocols }) => protocols)),
  };
}

const sizeOf = ({ departure: { observed, expected, trials } }: Told): number =>
  Math.abs(observed - expected) * trials;

/** What an incident is by all that the detector says of its parts; the largest of them explains it. */
export function beliefOf(parts: readonly [Told, ...Told[]]) {
  const lead = parts.reduce((best, part) => (sizeOf(part) > sizeOf(best) ? part : best));
  const { diagnoses, suspects } = lead.explanation;
  return {
    onsetMs: Math.min(...parts.map(({ explanation }) => explanation.onsetMs)),
    scope: scopeOf(parts.map(({ explanation }) => explanation.scope)),
    ...{ departure: lead.departure, diagnoses, suspects },
  };
}

/** A new incident of one departure. */
export function incidentOf(told: Told): StoredIncident {
  return {
    ...{ id: idOf(told), class: told.class, family: told.family, state: "open" },
    ...{ openedMs: told.atMs, updatedMs: told.atMs, resolvedMs: null, reopened: 0 },
    ...beliefOf([told]),
    ...{ acknowledgedBy: null, acknowledgedMs: null, assignee: null },
  };
}

/** One sentence for a step in its life: what, where, how much, which mode and which change. */
export function sentenceOf({ scope, departure, diagnoses, suspects }: ReturnType<typeof beliefOf>): string {
  const [diagnosis, suspect] = [diagnoses[0], suspects[0]];
  const mode =
    diagnosis && diagnosis.mode !== "unknown"
      ? ` ${titleOf(diagnosis)} (${inPercent(diagnosis.probability)}).`
      : "";
  const cause =
    suspect && suspect.changeId !== null
      ? ` Suspected change: ${suspect.changeId} (${inPercent(suspect.probability)}).`
      : " No recorded change explains it.";
  return `${headlineOf(scope, departure)}.${mode}${cause}`;
}

/** Whether somebody who read the one would want to read the other: another mode, another suspect, another scope. */
export function differs(before: StoredIncident, after: StoredIncident): boolean {
  return (
    modeOf(before.diagnoses) !== modeOf(after.diagnoses) ||
    (before.suspects[0]?.changeId ?? null) !== (after.suspects[0]?.changeId ?? null) ||
    JSON.stringify(sorted(before.scope)) !== JSON.stringify(sorted(after.scope))
  );
}

function sorted({ endpoints, nodes, regions, families, protocols }: Scope): unknown {
  return [endpoints, nodes, regions, families, protocols].map((names) => names && [...names].sort());
}

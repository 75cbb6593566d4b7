import { type Case, causesBy } from "./cause.ts";
import type { Evidence, KeyFacts } from "./evidence.ts";
import { type Facts, factsOf } from "./facts.ts";
import type { Incident } from "./incident.ts";
import { MODES } from "./modes/all.ts";
import type { Mode } from "./modes/mode.ts";
import { evidenceFor } from "./modes/signature.ts";
import { familiesAndProtocols, type Where, whereOf } from "./scope.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";
import type { Diagnosis, Explanation, Evidence as Statement, Suspect } from "./types.ts";

/** Weight of "none of the modes": what is left when each speaks against itself. */
const UNKNOWN_PRIOR = 0.04;
const UNKNOWN_UNRECORDED = 0.5;
/** How far the onset of something slow may be off. */
const SLOW_ERROR_MS = 45 * MINUTE_MS;
/** Caches of something slow are compared with those of so long before. */
const SLOW_BEFORE_MS = 20 * HOUR_MS;
/** Suspects and diagnoses that are told. */
const MOST_TOLD = 5;

type Weighed = { mode: Mode; weight: number; evidence: Statement[]; suspects: Map<string | null, number> };

/**
 * Where, what and why, jointly: every failure mode with every change that may have caused it is weighed by how well it
 * predicts what was seen; a mode's probability is the sum over its causes, a cause's the sum over the modes.
 */
export function explain(incident: Incident, known: Evidence, nowMs: number, bucketMs: number): Explanation {
  const where = whereOf(incident, nowMs);
  const keys = known.keyFacts(incident.endpoint.name, incident.onsetMs);
  const beforeMs = incident.onsetMs - (incident.slow ? SLOW_BEFORE_MS : 0);
  const cache = known.cacheFacts(incident.endpoint.name, beforeMs);
  const facts = factsOf(incident, where, { nowMs, cache, keys });
  const of = caseOf(incident, where, { known, nowMs, bucketMs });
  const told = new Map<
    string | null,
    { lagMs: number | null; evidence: readonly Statement[]; best: number }
  >();
  told.set(null, {
    lagMs: null,
    evidence: [{ text: "no recorded change explains this", weight: 0 }],
    best: 0,
  });
  const weighed = MODES.filter(({ families }) => families.includes(incident.family)).map((mode) =>
    weigh(mode, facts, of, told),
  );
  const diagnoses = diagnosesOf(weighed);
  return {
    scope: withKeys(scopeOf(incident, where), diagnoses[0], keys),
    onsetMs: incident.onsetMs,
    diagnoses,
    suspects: suspectsOf(weighed, told),
  };
}

/** Where keys tell which nodes stayed behind, they say it better than losses that wander to the others (law 1). */
function withKeys(
  scope: Explanation["scope"],
  diagnosis: Diagnosis | undefined,
  keys: KeyFacts | null,
): Explanation["scope"] {
  const split = keys !== null && keys.kept.length > 0 && keys.turned.length > 0;
  return split && diagnosis?.mode === "stek_desync" ? { ...scope, nodes: keys.kept } : scope;
}

/** What a surge of new or machine traffic is told as: nothing is broken, so nothing is blamed. */
export function explainSurge(incident: Incident, nowMs: number): Explanation {
  return {
    scope: scopeOf(incident, whereOf(incident, nowMs)),
    onsetMs: incident.onsetMs,
    diagnoses: [
      {
        mode: "surge",
        failureModes: ["FM-24", "FM-25"],
        probability: 0.9,
        evidence: [{ text: "more handshakes came and as many resumed as usual", weight: 2 }],
      },
      { mode: "unknown", failureModes: [], probability: 0.1, evidence: [] },
    ],
    suspects: [{ changeId: null, probability: 1, lagMs: null, evidence: [] }],
  };
}

function weigh(
  mode: Mode,
  facts: Facts,
  of: Case,
  told: Map<string | null, { lagMs: number | null; evidence: readonly Statement[]; best: number }>,
): Weighed {
  const evidence = evidenceFor(mode, facts);
  const signature = mode.prior * Math.exp(evidence.reduce((sum, { weight }) => sum + weight, 0));
  const suspects = new Map<string | null, number>([[null, signature * mode.unrecorded]]);
  let weight = signature * mode.unrecorded;
  for (const { change, factor, evidence: reasons } of causesBy(mode, of)) {
    const joint = signature * (1 - mode.unrecorded) * factor;
    suspects.set(change.id, joint);
    weight += joint;
    if (joint > (told.get(change.id)?.best ?? 0))
      told.set(change.id, { lagMs: of.onsetMs - change.atMs, evidence: reasons, best: joint });
  }
  return { mode, weight, evidence, suspects };
}

function caseOf(
  incident: Incident,
  where: Where,
  { known, nowMs, bucketMs }: { known: Evidence; nowMs: number; bucketMs: number },
): Case {
  const { endpoint, lead, onsetMs } = incident;
  const nodes = [...endpoint.groups.values()].filter(({ kind }) => kind === "node");
  const named = familiesAndProtocols(endpoint, where.classes, lead.stream.customersOnly);
  return {
    endpoint: endpoint.name,
    nodes: where.nodes,
    nodesAll: nodes.length,
    families: named.families,
    onsetMs,
    onsetErrorMs: incident.slow ? SLOW_ERROR_MS : bucketMs + MINUTE_MS,
    changes: known.changes,
    observedMs: known.observedMs(nowMs),
  };
}

function scopeOf(incident: Incident, where: Where): Explanation["scope"] {
  const { endpoint, lead } = incident;
  const named = familiesAndProtocols(endpoint, where.classes, lead.stream.customersOnly);
  return { endpoints: [endpoint.name], nodes: where.nodes, regions: null, ...named };
}

function diagnosesOf(weighed: readonly Weighed[]): Diagnosis[] {
  const total = weighed.reduce((sum, { weight }) => sum + weight, UNKNOWN_PRIOR);
  const list: Diagnosis[] = weighed.map(({ mode, weight, evidence }) => ({
    mode: mode.id,
    failureModes: mode.failureModes,
    probability: weight / total,
    evidence,
  }));
  list.push({ mode: "unknown", failureModes: [], probability: UNKNOWN_PRIOR / total, evidence: [] });
  return list.sort((a, b) => b.probability - a.probability).slice(0, MOST_TOLD);
}

function suspectsOf(
  weighed: readonly Weighed[],
  told: ReadonlyMap<string | null, { lagMs: number | null; evidence: readonly Statement[] }>,
): Suspect[] {
  const sums = new Map<string | null, number>([[null, UNKNOWN_PRIOR * UNKNOWN_UNRECORDED]]);
  for (const { suspects } of weighed)
    for (const [id, weight] of suspects) sums.set(id, (sums.get(id) ?? 0) + weight);
  const total = [...sums.values()].reduce((sum, weight) => sum + weight, 0);
  return [...sums]
    .map(([changeId, weight]) => ({
      changeId,
      probability: weight / total,
      lagMs: told.get(changeId)?.lagMs ?? null,
      evidence: told.get(changeId)?.evidence ?? [],
    }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, MOST_TOLD);
}

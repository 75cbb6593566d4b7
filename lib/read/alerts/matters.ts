/** Conditions on what is already found: incidents and findings. They hold as long as the matter is open. */
import type { Labels } from "../../alerting/match.ts";
import { headlineOf } from "../../domain/incident-words.ts";
import type { StoredIncident } from "../../store/port-incidents.ts";
import { type Asked, type MeasureContext, type Measured, MOST_ALERTS, momentsOf } from "./measured.ts";

/** Findings that were seen within this and are not closed. */
const FINDING_LIFE_MS = 86_400_000;

/** Every incident that goes on is an alert of its own, with what is known of it as labels. */
export async function measureIncidents(
  context: MeasureContext,
  asked: Asked<"incident">,
): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const stored = await context.store.readIncidents(context.tenant, {
    fromMs: times.fromMs,
    toMs: times.toMs + 1,
    limit: MOST_ALERTS,
    classes: condition.classes,
  });
  return stored
    .filter((incident) => fits(incident, asked))
    .map((incident) => ({
      labels: incidentLabels(incident),
      identity: incident.id,
      points: momentsOf(times)
        .filter((atMs) => incident.openedMs <= atMs)
        .map((atMs) => {
          const over = incident.resolvedMs !== null && incident.resolvedMs <= atMs;
          return {
            atMs,
            sample: { value: over ? 0 : 1, breached: !over, cleared: over },
            text: headlineOf(incident.scope, incident.departure),
          };
        }),
    }));

  function fits(
    { family, diagnoses, scope }: StoredIncident,
    { condition: wanted }: Asked<"incident">,
  ): boolean {
    if (wanted.families && !wanted.families.includes(family)) return false;
    if (wanted.modes && !wanted.modes.includes(diagnoses[0]?.mode ?? "unknown")) return false;
    const { endpoint, node, region } = rule.scope;
    return within(scope.endpoints, endpoint) && within(scope.nodes, node) && within(scope.regions, region);
  }
}

/** No restriction on either side fits. */
function within(names: readonly string[] | null, wanted: readonly string[] | undefined): boolean {
  return !wanted || names === null || names.length === 0 || names.some((name) => wanted.includes(name));
}

/** What is known of an incident, for routing and grouping. Parts that are not one value are left out. */
export function incidentLabels({ id, family, class: kind, scope, diagnoses }: StoredIncident): Labels {
  const only = (name: string, names: readonly string[] | null): Record<string, string> =>
    names?.length === 1 && names[0] !== undefined ? { [name]: names[0] } : {};
  return {
    incident: id,
    signal: family,
    class: kind,
    mode: diagnoses[0]?.mode ?? "unknown",
    ...only("endpoint", scope.endpoints),
    ...only("node", scope.nodes),
    ...only("region", scope.regions),
  };
}

/** Every finding that is open is an alert of its own. */
export async function measureFindings(context: MeasureContext, asked: Asked<"finding">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const found = await context.store.findings.readFindings(context.tenant, {
    fromMs: times.fromMs - FINDING_LIFE_MS,
    toMs: times.toMs + 1,
    limit: MOST_ALERTS,
    ...(condition.kinds ? { kinds: condition.kinds } : {}),
  });
  return found
    .filter(({ severity }) => condition.severities?.includes(severity) ?? true)
    .filter(({ endpoint, node }) => {
      const scope = rule.scope;
      return (
        within(endpoint === null ? null : [endpoint], scope.endpoint) &&
        within(node === null ? null : [node], scope.node)
      );
    })
    .map((finding) => ({
      identity: finding.id,
      labels: {
        finding: finding.id,
        kind: finding.kind,
        ...(finding.endpoint === null ? {} : { endpoint: finding.endpoint }),
        ...(finding.node === null ? {} : { node: finding.node }),
      },
      points: momentsOf(times)
        .filter((atMs) => finding.firstMs <= atMs)
        .map((atMs) => {
          // Somebody who has seen it needs no more telling; what has not been seen for a day is over.
          const open = finding.state === "open" && atMs - finding.lastMs < FINDING_LIFE_MS;
          return {
            atMs,
            sample: { value: open ? 1 : 0, breached: open, cleared: !open },
            text: finding.title,
          };
        }),
    }));
}

import type { z } from "zod";
import type {
  DiagnosisView,
  IncidentRow,
  IncidentsReply,
  incidentsParams,
  SuspectView,
} from "../contract/read-incidents.ts";
import { titleOf } from "../detect/advice.ts";
import { type CostTable, coresOf, DEFAULT_COSTS } from "../domain/cost.ts";
import { headlineOf } from "../domain/incident-words.ts";
import type { ReadStore, StoredChange, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { lossesNow, lossesSinceOnset } from "./incident-losses.ts";
import { ParameterProblem } from "./problem.ts";
import { parseMoment } from "./window.ts";

const WEEK_MS = 604_800_000;
const DEFAULT_LIMIT = 100;
const UNKNOWN = { mode: "unknown", failureModes: [] };
export const NO_CHANGE = "No recorded change explains this";

/** Answers /api/incidents: what went on within a window, the last opened first. Throws ParameterProblem. */
export async function readIncidentList(
  store: ReadStore,
  tenant: TenantId,
  request: {
    readonly params: z.infer<typeof incidentsParams>;
    readonly nowMs: number;
    readonly costs?: CostTable;
  },
): Promise<IncidentsReply> {
  const { params, nowMs, costs = DEFAULT_COSTS } = request;
  const toMs = parseMoment("to", params.to ?? "now", nowMs);
  const fromMs = params.from === undefined ? toMs - WEEK_MS : parseMoment("from", params.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  const { state = "all", class: which = "all", endpoint, limit = DEFAULT_LIMIT } = params;
  const stored = await store.readIncidents(tenant, {
    fromMs,
    // "now" includes what began in this very millisecond.
    toMs: toMs + 1,
    limit,
    ...(state === "all" ? {} : { states: [state] }),
    ...(which === "all" ? {} : { classes: [which] }),
    ...(endpoint ? { endpoint } : {}),
  });
  const incidents: IncidentRow[] = [];
  for (const incident of stored)
    incidents.push(await incidentRowOf(store, tenant, { incident, nowMs, costs }));
  return { fromMs, toMs, nowMs, incidents };
}

/** An incident as lists show it, with what it has cost so far. */
export async function incidentRowOf(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly incident: StoredIncident; readonly nowMs: number; readonly costs: CostTable },
): Promise<IncidentRow> {
  const { diagnoses, suspects, scope, departure, ...life } = at.incident;
  const [diagnosis, suspect] = [diagnoses[0], suspects[0]];
  const change = suspect?.changeId ? await store.readChange(tenant, suspect.changeId) : null;
  const lost = await lossesSinceOnset(store, tenant, at);
  const { observed, expected, trials, signal, sigmas, windowMs } = departure;
  return {
    ...life,
    headline: headlineOf(scope, departure),
    scope: copyOf(scope),
    departure: { signal, observed, expected, trials, sigmas, windowMs },
    mode: {
      mode: (diagnosis ?? UNKNOWN).mode,
      title: titleOf(diagnosis ?? UNKNOWN),
      probability: diagnosis?.probability ?? 1,
    },
    suspect: {
      changeId: suspect?.changeId ?? null,
      title: changeTitle(suspect?.changeId ?? null, change),
      probability: suspect?.probability ?? 1,
    },
    lost: lost && Math.max(0, Math.round(lost.reduce((sum, { count }) => sum + count, 0))),
    cpuAtRiskCores: await cpuAtRisk(store, tenant, at),
  };
}

/** Extra cores now: of an incident that is over none, of one that is not of resumption unknown. */
async function cpuAtRisk(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly incident: StoredIncident; readonly nowMs: number; readonly costs: CostTable },
): Promise<number | null> {
  if (at.incident.family !== "resumption") return null;
  if (at.incident.state === "resolved") return 0;
  const now = await lossesNow(store, tenant, at);
  return now && Math.max(0, coresOf(now.parts, now.spanMs, at.costs));
}

function copyOf({
  endpoints,
  nodes,
  regions,
  families,
  protocols,
}: StoredIncident["scope"]): IncidentRow["scope"] {
  const list = (names: readonly string[] | null): string[] | null => names && [...names];
  return {
    endpoints: [...endpoints],
    ...{ nodes: list(nodes), regions: list(regions), families: list(families), protocols: list(protocols) },
  };
}

function changeTitle(changeId: string | null, change: StoredChange | null): string {
  if (changeId === null) return NO_CHANGE;
  return change?.title ?? changeId;
}

/** Diagnoses with their titles. */
export function diagnosisViews({ diagnoses }: StoredIncident): DiagnosisView[] {
  return diagnoses.map(({ mode, failureModes, probability, evidence }) => ({
    ...{ mode, title: titleOf({ mode, failureModes }), probability },
    failureModes: [...failureModes],
    evidence: [...evidence],
  }));
}

/** Suspects with the changes that they name. One whose change is not kept any more is left out. */
export async function suspectViews(
  store: ReadStore,
  tenant: TenantId,
  { suspects }: StoredIncident,
): Promise<SuspectView[]> {
  const views: SuspectView[] = [];
  for (const { changeId, probability, lagMs, evidence } of suspects) {
    const change = changeId === null ? null : await store.readChange(tenant, changeId);
    if (changeId === null || change) views.push({ change, probability, lagMs, evidence: [...evidence] });
  }
  return views;
}

import type { IncidentReply } from "../contract/read-incidents.ts";
import { type CostTable, DEFAULT_COSTS } from "../domain/cost.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { readCells } from "./cells.ts";
import { fullHeadline } from "./headline.ts";
import { readCost } from "./incident-cost.ts";
import { readCourse, readRecovery } from "./incident-course.ts";
import { scopeFilter } from "./incident-losses.ts";
import { contributionsOf, decompose } from "./incident-parts.ts";
import { countsEverybody, inScope, partsStreamOf, streamOf } from "./incident-signal.ts";
import { readStoredIncident } from "./incident-stored.ts";
import { incidentWindows } from "./incident-windows.ts";

type Explained = Pick<IncidentReply, "course" | "decomposition" | "contributions" | "recovery">;

/**
 * Answers /api/incidents/{id}: what the store has of an incident, and what explains it: the course of its signal, what it is
 * made of, what each part lost, and its predicted recovery. Null for an unknown one.
 */
export async function readIncidentDetail(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly id: string; readonly nowMs: number; readonly costs?: CostTable },
): Promise<IncidentReply | null> {
  const incident = await store.readIncident(tenant, request.id);
  const reply = await readStoredIncident(store, tenant, request);
  if (!incident || !reply) return null;
  const { nowMs, costs = DEFAULT_COSTS } = request;
  const { headline, onsetMs, cpuAtRiskCores } = reply.incident;
  return {
    ...reply,
    incident: {
      ...reply.incident,
      headline: fullHeadline(headline, { onsetMs, nowMs, cores: cpuAtRiskCores }),
    },
    cost: await readCost(store, tenant, { incident, nowMs, costs, cores: cpuAtRiskCores }),
    ...(await explain(store, tenant, { incident, nowMs })),
  };
}

async function explain(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly incident: StoredIncident; readonly nowMs: number },
): Promise<Explained> {
  const { incident } = at;
  const windows = await incidentWindows(store, tenant, at);
  const parts = partsStreamOf(incident);
  // All of the endpoints' cells, so that the one that fell stands among those that did not.
  const { endpoints } = incident.scope;
  const filter = scopeFilter({ endpoints, nodes: null, regions: null, families: null, protocols: null });
  const everybody = countsEverybody(incident, parts);
  const before = await readCells(store, tenant, { ...windows.before, filter, everybody });
  const after = await readCells(store, tenant, { ...windows.after, filter, everybody });
  const within = {
    before: before.filter((row) => inScope(row, incident)),
    after: after.filter((row) => inScope(row, incident)),
  };
  // What is no signal of handshakes (the age of a key) is shown beside R.
  const stream = streamOf(incident.departure.signal) ?? streamOf("resume");
  return {
    course: stream ? await readCourse(store, tenant, { ...at, windows, stream }) : [],
    decomposition: incident.family === "resumption" ? decompose(within) : null,
    contributions: parts ? contributionsOf({ before, after }, parts) : [],
    recovery: parts ? await readRecovery(store, tenant, { ...at, windows, stream: parts }) : null,
  };
}

import type { IncidentReply } from "../contract/read-incidents.ts";
import { adviceFor } from "../detect/advice.ts";
import { type CostTable, DEFAULT_COSTS } from "../domain/cost.ts";
import { inCores } from "../domain/words.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { diagnosisViews, incidentRowOf, suspectViews } from "./incidents.ts";

function adviceOf({ diagnoses }: StoredIncident): IncidentReply["advice"] {
  const { first, doNot, runbook } = adviceFor(diagnoses[0] ?? { mode: "unknown", failureModes: [] });
  return { first, doNot: [...doNot], runbook };
}

/** What the store has of one incident: all that was said of it, nothing worked out. Null for an unknown one. */
export async function readStoredIncident(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly id: string; readonly nowMs: number; readonly costs?: CostTable },
): Promise<IncidentReply | null> {
  const { id, nowMs, costs = DEFAULT_COSTS } = request;
  const stored = await store.readIncident(tenant, id);
  if (!stored) return null;
  const incident = await incidentRowOf(store, tenant, { incident: stored, nowMs, costs });
  const { cpuAtRiskCores } = incident;
  return {
    ...{ nowMs, incident },
    diagnoses: diagnosisViews(stored),
    suspects: await suspectViews(store, tenant, stored),
    ...{ course: [], decomposition: null, contributions: [], recovery: null },
    cost: {
      cpuAtRiskCores,
      sentence:
        cpuAtRiskCores === null
          ? "What it costs is not known."
          : `Full handshakes cost ${inCores(cpuAtRiskCores)} more than expected.`,
    },
    advice: adviceOf(stored),
    updates: (await store.readIncidentUpdates(tenant, id)).map(({ incidentId: _, ...update }) => update),
  };
}

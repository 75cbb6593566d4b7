import type { IncidentReply } from "../contract/read-incidents.ts";
import { type CostTable, certificateOf, coresOf } from "../domain/cost.ts";
import { type Headroom, headroomOf } from "../domain/load.ts";
import { inCores, inLength, inList, inWhole } from "../domain/words.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { lossesNow } from "./incident-losses.ts";

/**
 * What an incident costs now, with what the figure is made of: handshakes a second that would have resumed, and the CPU that each
 * costs more by protocol and certificate type (DOMAIN 5.4). `cores` is what its row says.
 */
export async function readCost(
  store: ReadStore,
  tenant: TenantId,
  at: {
    readonly incident: StoredIncident;
    readonly nowMs: number;
    readonly costs: CostTable;
    readonly cores: number | null;
  },
): Promise<IncidentReply["cost"]> {
  const { incident, costs, cores: cpuAtRiskCores } = at;
  const said = (sentence: string) => ({ cpuAtRiskCores, sentence });
  if (incident.family !== "resumption")
    return said("It makes no more handshakes full than usual, so that no CPU is at risk.");
  if (incident.state === "resolved") return said("It is over: no CPU is at risk any more.");
  const now = await lossesNow(store, tenant, at);
  const lost = now?.parts.reduce((sum, { count }) => sum + count, 0) ?? 0;
  if (!now || cpuAtRiskCores === null) return said("What it costs is not known yet.");
  if (lost <= 0 || cpuAtRiskCores <= 0)
    return said(`In the last ${inLength(now.spanMs)} no more handshakes were full than expected.`);
  const perSecond = (1_000 * lost) / now.spanMs;
  const eachUs = (coresOf(now.parts, now.spanMs, costs) * 1_000 * now.spanMs) / lost;
  const headroom = headroomOf(await store.readNodeLoads(tenant), {
    nowMs: at.nowMs,
    nodes: incident.scope.nodes,
  });
  const types = [...new Set(now.parts.map(({ endpoint }) => certificateOf(endpoint, costs)))].sort();
  return said(
    `${inCores(cpuAtRiskCores)} more than expected in the last ${inLength(now.spanMs)}: ${inRate(perSecond)} handshakes a second would have resumed, and cost ${inWhole(eachUs)} µs more each by the cost table (${inList(types)}).${freeText(headroom)}`,
  );
}

/** What is free where the incident is; nothing where no node there tells it. */
function freeText(headroom: Headroom | null): string {
  if (headroom === null) return "";
  const { freeCores, cores, nodes } = headroom;
  return ` ${inCores(freeCores)} of ${inWhole(cores)} are free on the ${nodes === 1 ? "node" : `${nodes} nodes`} that tell${nodes === 1 ? "s" : ""} it.`;
}

const inRate = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(2) : inWhole(perSecond));

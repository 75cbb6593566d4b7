import {
  ApiError,
  type Params,
  type Replies,
  type RequestName,
  type Transport,
} from "@/lib/client/transport.ts";
import * as contract from "@/lib/contract/read.ts";
import { messagesParams } from "@/lib/contract/read-alerts.ts";
import { auditParams } from "@/lib/contract/read-audit.ts";
import { alignedParams } from "@/lib/contract/read-effect.ts";
import { incidentsParams } from "@/lib/contract/read-incidents.ts";
import { keysParams, keyUsesParams } from "@/lib/contract/read-keys.ts";
import { labParams, recoveryParams } from "@/lib/contract/read-lab.ts";
import { policyParams } from "@/lib/contract/read-policy.ts";
import { findingsParams, securityParams } from "@/lib/contract/read-security.ts";
import { type Role, suffices } from "@/lib/domain/roles.ts";
import { readMessageLog } from "@/lib/read/alerts/messages.ts";
import { readAlertsPage } from "@/lib/read/alerts/page.ts";
import { readAligned } from "@/lib/read/aligned.ts";
import { readAuditLog } from "@/lib/read/audit.ts";
import { readEffect } from "@/lib/read/effect.ts";
import { readFindingList } from "@/lib/read/findings.ts";
import { readHeatmap } from "@/lib/read/heatmap.ts";
import { readIncidentDetail } from "@/lib/read/incident-detail.ts";
import { readIncidentList } from "@/lib/read/incidents.ts";
import { readKeys, readKeyUses } from "@/lib/read/keys.ts";
import { readLab } from "@/lib/read/lab.ts";
import { readRecoveryAt } from "@/lib/read/lab-recovery.ts";
import { readChangeList, readSegmentList } from "@/lib/read/lists.ts";
import { readPolicy } from "@/lib/read/policy.ts";
import { readProbeTargets } from "@/lib/read/probes.ts";
import { readSecurity } from "@/lib/read/security.ts";
import { readSeries } from "@/lib/read/series.ts";
import { readSourceList } from "@/lib/read/sources.ts";
import { readSummary } from "@/lib/read/summary.ts";
import type { ReadStore, TenantId } from "@/lib/store/port.ts";
import { receiverOpener } from "./alerting.ts";
import { auditPlaceOf } from "./audit-place.ts";
import { costs } from "./costs.ts";
import { stores } from "./stores.ts";
import type { Visitor } from "./visitor.ts";

type At = {
  readonly store: ReadStore;
  readonly tenant: TenantId;
  readonly visitor: Visitor;
  readonly nowMs: number;
};
type Read = (at: At, params: Params) => Promise<unknown>;

const READS: Readonly<Record<RequestName, Read>> = {
  summary: ({ store, tenant, nowMs }, given) =>
    readSummary(store, tenant, {
      params: contract.summaryParams.parse(given),
      nowMs,
      costs: costs(),
    }),
  series: ({ store, tenant, nowMs }, given) =>
    readSeries(store, tenant, { params: contract.seriesParams.parse(given), nowMs, costs: costs() }),
  heatmap: ({ store, tenant, nowMs }, given) =>
    readHeatmap(store, tenant, { params: contract.heatmapParams.parse(given), nowMs }),
  segments: ({ store, tenant, nowMs }, given) =>
    readSegmentList(store, tenant, { params: contract.segmentsParams.parse(given), nowMs }),
  changes: ({ store, tenant, nowMs }, given) =>
    readChangeList(store, tenant, { params: contract.changesParams.parse(given), nowMs }),
  sources: ({ store, tenant, nowMs }) => readSourceList(store, tenant, nowMs),
  effect: async ({ store, tenant, nowMs }, { id = "" }) => {
    const effect = await readEffect(store, tenant, { id, nowMs });
    // As the route does, so that the page asks it and shows its sentence.
    if (!effect) throw new ApiError(404, "There is no change with this id.");
    return effect;
  },
  aligned: async ({ store, tenant, nowMs }, { id = "", ...given }) => {
    const aligned = await readAligned(store, tenant, {
      id,
      params: alignedParams.parse(given),
      nowMs,
    });
    if (!aligned) throw new ApiError(404, "There is no change with this id.");
    return aligned;
  },
  keys: ({ store, tenant, nowMs }, given) =>
    readKeys(store, tenant, { params: keysParams.parse(given), nowMs }),
  keyUses: ({ store, tenant, nowMs }, { id: keyName = "", ...given }) =>
    readKeyUses(store, tenant, { keyName, params: keyUsesParams.parse(given), nowMs }),
  incidents: ({ store, tenant, nowMs }, given) =>
    readIncidentList(store, tenant, { params: incidentsParams.parse(given), nowMs, costs: costs() }),
  incident: async ({ store, tenant, nowMs }, { id = "" }) => {
    const incident = await readIncidentDetail(store, tenant, { id, nowMs, costs: costs() });
    if (!incident) throw new ApiError(404, "There is no incident with this id.");
    return incident;
  },
  findings: ({ store, tenant, nowMs }, given) =>
    readFindingList(store, tenant, { params: findingsParams.parse(given), nowMs }),
  security: ({ store, tenant, nowMs }, given) =>
    readSecurity(store, tenant, { params: securityParams.parse(given), nowMs }),
  audit: ({ store, visitor, nowMs }, given) => {
    const params = auditParams.parse(given);
    return readAuditLog(store, auditPlaceOf(visitor, params), { params, nowMs });
  },
  probes: ({ store, tenant, nowMs }) => readProbeTargets(store, tenant, nowMs),
  policy: ({ store, tenant, nowMs }, given) =>
    readPolicy(store, tenant, { params: policyParams.parse(given), nowMs }),
  alerts: ({ store, tenant, nowMs }) =>
    readAlertsPage(store, tenant, { nowMs, open: receiverOpener(tenant) }),
  messages: ({ store, tenant, nowMs }, given) =>
    readMessageLog(store, tenant, { ...messagesParams.parse(given), nowMs }),
  lab: ({ store, tenant, nowMs }, given) =>
    readLab(store, tenant, { params: labParams.parse(given), nowMs, costs: costs() }),
  recovery: ({ store, tenant, nowMs }, given) =>
    readRecoveryAt(store, tenant, { params: recoveryParams.parse(given), nowMs }),
};

/** What is not read by every role, as its route has it. */
const NEEDS: Partial<Record<RequestName, Role>> = { audit: "admin" };

/** Answers a page's requests on the server, for its visitor, without HTTP in between. Throws ApiError as the route would answer. */
export function storeTransport(visitor: Visitor): Transport {
  const { tenant, role } = visitor.at;
  return async <N extends RequestName>(name: N, params: Params) => {
    const need = NEEDS[name] ?? "viewer";
    if (!suffices(role, need)) throw new ApiError(403, `This needs the role ${need}, and yours is ${role}.`);
    const at = { store: stores().reader, tenant, visitor, nowMs: Date.now() };
    return (await READS[name](at, params)) as Replies[N];
  };
}

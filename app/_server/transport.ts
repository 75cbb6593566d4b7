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
import { DEFAULT_TENANT, type ReadStore } from "@/lib/store/port.ts";
import { openReceiver } from "./alerting.ts";
import { costs } from "./costs.ts";
import { stores } from "./stores.ts";

type Read = (store: ReadStore, params: Params, nowMs: number) => Promise<unknown>;

const READS: Readonly<Record<RequestName, Read>> = {
  summary: (store, given, nowMs) =>
    readSummary(store, DEFAULT_TENANT, {
      params: contract.summaryParams.parse(given),
      nowMs,
      costs: costs(),
    }),
  series: (store, given, nowMs) =>
    readSeries(store, DEFAULT_TENANT, { params: contract.seriesParams.parse(given), nowMs, costs: costs() }),
  heatmap: (store, given, nowMs) =>
    readHeatmap(store, DEFAULT_TENANT, { params: contract.heatmapParams.parse(given), nowMs }),
  segments: (store, given, nowMs) =>
    readSegmentList(store, DEFAULT_TENANT, { params: contract.segmentsParams.parse(given), nowMs }),
  changes: (store, given, nowMs) =>
    readChangeList(store, DEFAULT_TENANT, { params: contract.changesParams.parse(given), nowMs }),
  sources: (store, _given, nowMs) => readSourceList(store, DEFAULT_TENANT, nowMs),
  effect: async (store, { id = "" }, nowMs) => {
    const effect = await readEffect(store, DEFAULT_TENANT, { id, nowMs });
    // As the route does, so that the page asks it and shows its sentence.
    if (!effect) throw new ApiError(404, "There is no change with this id.");
    return effect;
  },
  aligned: async (store, { id = "", ...given }, nowMs) => {
    const aligned = await readAligned(store, DEFAULT_TENANT, {
      id,
      params: alignedParams.parse(given),
      nowMs,
    });
    if (!aligned) throw new ApiError(404, "There is no change with this id.");
    return aligned;
  },
  keys: (store, given, nowMs) => readKeys(store, DEFAULT_TENANT, { params: keysParams.parse(given), nowMs }),
  keyUses: (store, { id: keyName = "", ...given }, nowMs) =>
    readKeyUses(store, DEFAULT_TENANT, { keyName, params: keyUsesParams.parse(given), nowMs }),
  incidents: (store, given, nowMs) =>
    readIncidentList(store, DEFAULT_TENANT, { params: incidentsParams.parse(given), nowMs, costs: costs() }),
  incident: async (store, { id = "" }, nowMs) => {
    const incident = await readIncidentDetail(store, DEFAULT_TENANT, { id, nowMs, costs: costs() });
    if (!incident) throw new ApiError(404, "There is no incident with this id.");
    return incident;
  },
  findings: (store, given, nowMs) =>
    readFindingList(store, DEFAULT_TENANT, { params: findingsParams.parse(given), nowMs }),
  security: (store, given, nowMs) =>
    readSecurity(store, DEFAULT_TENANT, { params: securityParams.parse(given), nowMs }),
  audit: (store, given, nowMs) =>
    readAuditLog(store, DEFAULT_TENANT, { params: auditParams.parse(given), nowMs }),
  probes: (store, _given, nowMs) => readProbeTargets(store, DEFAULT_TENANT, nowMs),
  policy: (store, given, nowMs) =>
    readPolicy(store, DEFAULT_TENANT, { params: policyParams.parse(given), nowMs }),
  alerts: (store, _given, nowMs) => readAlertsPage(store, DEFAULT_TENANT, { nowMs, open: openReceiver }),
  messages: (store, given, nowMs) =>
    readMessageLog(store, DEFAULT_TENANT, { ...messagesParams.parse(given), nowMs }),
  lab: (store, given, nowMs) =>
    readLab(store, DEFAULT_TENANT, { params: labParams.parse(given), nowMs, costs: costs() }),
  recovery: (store, given, nowMs) =>
    readRecoveryAt(store, DEFAULT_TENANT, { params: recoveryParams.parse(given), nowMs }),
};

/** Answers a page's requests on the server, without HTTP in between. */
export const storeTransport: Transport = async <N extends RequestName>(name: N, params: Params) =>
  (await READS[name](stores().reader, params, Date.now())) as Replies[N];

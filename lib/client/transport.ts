/** What the console asks for: the same requests from the browser (fetch) and from the server (read directly). */

import type { ProbesReply } from "../contract/probe.ts";
import type {
  ChangesReply,
  HeatmapReply,
  SegmentsReply,
  SeriesReply,
  SummaryReply,
} from "../contract/read.ts";
import type { AlertsReply, MessagesReply } from "../contract/read-alerts.ts";
import type { AuditReply } from "../contract/read-audit.ts";
import type { AlignedReply, ChangeEffectReply } from "../contract/read-effect.ts";
import type { IncidentReply, IncidentsReply } from "../contract/read-incidents.ts";
import type { KeysReply, KeyUsesReply } from "../contract/read-keys.ts";
import type { LabReply, RecoveryReply } from "../contract/read-lab.ts";
import type { PolicyReply } from "../contract/read-policy.ts";
import type { FindingsReply, SecurityReply } from "../contract/read-security.ts";
import type { SourcesReply } from "../contract/read-sources.ts";
import { tenantHeader } from "./page-tenant.ts";

export type Params = Readonly<Record<string, string>>;

/** Each request of the read API by name, with its answer. */
export type Replies = {
  summary: SummaryReply;
  series: SeriesReply;
  heatmap: HeatmapReply;
  segments: SegmentsReply;
  changes: ChangesReply;
  sources: SourcesReply;
  effect: ChangeEffectReply;
  aligned: AlignedReply;
  incidents: IncidentsReply;
  incident: IncidentReply;
  keys: KeysReply;
  keyUses: KeyUsesReply;
  findings: FindingsReply;
  security: SecurityReply;
  audit: AuditReply;
  policy: PolicyReply;
  probes: ProbesReply;
  lab: LabReply;
  recovery: RecoveryReply;
  alerts: AlertsReply;
  messages: MessagesReply;
};
export type RequestName = keyof Replies;
export type Transport = <N extends RequestName>(
  name: N,
  params: Params,
  signal?: AbortSignal,
) => Promise<Replies[N]>;

/** An answer that was not what was asked for: its status, and the server's sentence. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Requests for one thing, by its id in the path. */
const PATHS: Partial<Record<RequestName, (id: string) => string>> = {
  effect: (id) => `/api/changes/${id}/effect`,
  aligned: (id) => `/api/changes/${id}/aligned`,
  incident: (id) => `/api/incidents/${id}`,
  keyUses: (id) => `/api/keys/${id}`,
  lab: () => "/api/policy-lab",
  recovery: () => "/api/policy-lab/recovery",
  messages: () => "/api/alerts/messages",
};

function urlOf(name: RequestName, { id = "", ...rest }: Params): string {
  const path = PATHS[name]?.(encodeURIComponent(id)) ?? `/api/${name}`;
  return `${path}?${new URLSearchParams(rest)}`;
}

/** Reads from the console, over HTTP, from a page. Throws ApiError with the server's sentence. */
export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { headers: tenantHeader(), ...(signal ? { signal } : {}) });
  if (response.ok) return response.json();
  const body = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, body?.error ?? `The console answered ${response.status}.`);
}

/** Asks over HTTP, from a page. */
export const fetchTransport: Transport = (name, params, signal) => get(urlOf(name, params), signal);

import { addResult, type Counts, completed, noCounts } from "../domain/rates.ts";
import { OVERFLOW_NAME, type Protocol, type RejectionReason } from "../domain/vocabulary.ts";
import type { ReadStore, RollupRow, SegmentFilter, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Spans up to this are read by minutes. */
const FINE_SPAN_MS = 6 * HOUR_MS;
/** "Now" is the last quarter of an hour. */
const NOW_MS = 15 * MINUTE_MS;

/** Handshakes that did not resume though they were expected to; below 0 where it went better than expected. */
export type Loss = {
  readonly endpoint: string | null;
  readonly protocol: Protocol | null;
  readonly count: number;
};

/** Reasons behind the signals that are shares of offers. */
const REASONS: Readonly<Record<string, readonly RejectionReason[]>> = {
  unknown_key: ["unknown_key", "corrupt"],
  expired: ["expired"],
  cache_miss: ["cache_miss"],
  context: ["sni_mismatch", "alpn_mismatch", "hash_mismatch", "cert_changed", "client_auth"],
  policy_off: ["policy_off"],
};

/** A scope as a filter of the store. The name for what is not known or too much stands for both. */
export function scopeFilter(scope: StoredIncident["scope"]): SegmentFilter {
  const { endpoints, nodes, regions, families, protocols } = scope;
  const named = endpoints.flatMap((name) => (name === OVERFLOW_NAME ? [name, null] : [name]));
  return {
    ...(endpoints.length ? { endpoint: named } : {}),
    ...(nodes ? { node: nodes } : {}),
    ...(regions ? { region: regions } : {}),
    ...(families ? { family: families } : {}),
    ...(protocols ? { protocol: protocols } : {}),
  };
}

/** Lost since the onset until now or the end; null where the signal is not of resumption. */
export function lossesSinceOnset(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly incident: StoredIncident; readonly nowMs: number },
): Promise<Loss[] | null> {
  const { onsetMs, resolvedMs } = at.incident;
  return losses(store, tenant, at.incident, { fromMs: onsetMs, toMs: resolvedMs ?? at.nowMs });
}

/** Lost within the last quarter of an hour, with its length; null where the signal is not of resumption. */
export async function lossesNow(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly incident: StoredIncident; readonly nowMs: number },
): Promise<{ readonly parts: Loss[]; readonly spanMs: number } | null> {
  const toMs = Math.floor(at.nowMs / MINUTE_MS) * MINUTE_MS;
  const fromMs = Math.max(toMs - NOW_MS, Math.floor(at.incident.onsetMs / MINUTE_MS) * MINUTE_MS);
  if (fromMs >= toMs) return null;
  const parts = await losses(store, tenant, at.incident, { fromMs, toMs });
  return parts && { parts, spanMs: toMs - fromMs };
}

async function losses(
  store: ReadStore,
  tenant: TenantId,
  incident: StoredIncident,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<Loss[] | null> {
  const { signal, expected } = incident.departure;
  if (signal !== "resume" && signal !== "accept" && !REASONS[signal]) return null;
  const stepMs = span.toMs - span.fromMs <= FINE_SPAN_MS ? MINUTE_MS : HOUR_MS;
  const { rows } = await store.readRollups(tenant, {
    fromMs: Math.floor(span.fromMs / stepMs) * stepMs,
    toMs: span.toMs,
    stepMs,
    by: ["endpoint", "protocol"],
    filter: scopeFilter(incident.scope),
  });
  const everybody = incident.scope.families !== null;
  const wanted = rows.filter(({ excluded }) => everybody || !excluded);
  const groups = Map.groupBy(wanted, ({ group }) => JSON.stringify([group.endpoint, group.protocol]));
  return [...groups.values()].map((list) => ({
    endpoint: list[0]?.group.endpoint ?? null,
    protocol: (list[0]?.group.protocol ?? null) as Protocol | null,
    count: lostOf(list, signal, expected),
  }));
}

function lostOf(rows: readonly RollupRow[], signal: string, expected: number): number {
  const counts = rows.reduce<Counts>((sum, row) => addResult(sum, row, row.count), noCounts());
  if (signal === "resume") return expected * completed(counts) - counts.resumed;
  if (signal === "accept") return expected * counts.offered - counts.accepted;
  const reasons = new Set<string | null>(REASONS[signal]);
  const refused = rows.reduce((sum, row) => (reasons.has(row.reason) ? sum + row.count : sum), 0);
  return refused - expected * counts.offered;
}

import type { z } from "zod";
import type { SecurityReply, SecurityStack, securityParams } from "../contract/read-security.ts";
import type { ReadStore, RollupRow, TenantId } from "../store/port.ts";
import { TLS_ALERT_BUCKET_MS } from "../store/port-tls-alerts.ts";
import { type Filters, parseFilters } from "./filters.ts";
import { alignWindow, parseWindow, stepsOf } from "./window.ts";

/** Kinds that are shown one by one; the rest goes together. */
const MOST_NAMES = 11;
const REST = "(other)";

/**
 * Answers /api/security: failures with and without an offer, refused offers by reason, early data, and TLS alerts, over time.
 * Throws ParameterProblem.
 */
export async function readSecurity(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof securityParams>; readonly nowMs: number },
): Promise<SecurityReply> {
  const { params, nowMs } = request;
  const asked = parseWindow(params, nowMs);
  const filters = parseFilters(params);
  const stepMs = Math.ceil(asked.stepMs / TLS_ALERT_BUCKET_MS) * TLS_ALERT_BUCKET_MS;
  const result = await store.readRollups(tenant, {
    ...alignWindow({ ...asked, stepMs }),
    filter: filters.segment,
  });
  const window = alignWindow({ ...asked, stepMs: result.stepMs });
  const steps = stepsOf(window);
  const at = new Map(steps.map((t, i) => [t, i]));
  const sums = sumsOf(steps.length);
  for (const row of result.rows) {
    const i = at.get(row.bucketStartMs);
    if (i !== undefined) addRow(sums, row, i);
  }
  return {
    ...window,
    nowMs,
    steps,
    handshakes: sums.handshakes,
    failures: { withOffer: sums.withOffer, withoutOffer: sums.withoutOffer, unknown: sums.unknown },
    reasons: stacksOf(sums.reasons, steps.length),
    earlyAccepted: sums.earlyAccepted,
    earlyRejected: stacksOf(sums.earlyRejected, steps.length),
    alerts: await alertsOf(store, tenant, { window, at, filters }),
    failed: sums.failed,
  };
}

type Names = Map<string | null, number[]>;

function sumsOf(length: number) {
  const zeros = (): number[] => Array.from({ length }, () => 0);
  const shares = () => Array.from({ length }, () => ({ k: 0, n: 0 }));
  return {
    handshakes: zeros(),
    withOffer: shares(),
    withoutOffer: shares(),
    unknown: zeros(),
    earlyAccepted: zeros(),
    reasons: new Map() as Names,
    earlyRejected: new Map() as Names,
    failed: 0,
  };
}

function addRow(sums: ReturnType<typeof sumsOf>, row: RollupRow, i: number): void {
  const { count, outcome, offer } = row;
  sums.handshakes[i] = (sums.handshakes[i] ?? 0) + count;
  if (outcome === "failed") sums.failed += count;
  if (!row.excluded) addFailure(sums, row, i);
  if (outcome === "full" && offer !== null && offer !== "none") add(sums.reasons, row.reason, { i, count });
  if (row.earlyData === "accepted") sums.earlyAccepted[i] = (sums.earlyAccepted[i] ?? 0) + count;
  if (row.earlyData === "rejected") add(sums.earlyRejected, row.earlyDataReason, { i, count });
}

/** Failures of customers; what resumed offered, whoever tells of it. */
function addFailure(sums: ReturnType<typeof sumsOf>, { outcome, offer, count }: RollupRow, i: number): void {
  const failed = outcome === "failed";
  if (offer === null) {
    if (failed) sums.unknown[i] = (sums.unknown[i] ?? 0) + count;
    return;
  }
  const share = (offer === "none" ? sums.withoutOffer : sums.withOffer)[i];
  if (!share) return;
  share.n += count;
  if (failed) share.k += count;
}

function add(names: Names, name: string | null, { i, count }: { i: number; count: number }): void {
  const counts = names.get(name) ?? [];
  counts[i] = (counts[i] ?? 0) + count;
  names.set(name, counts);
}

/** The most frequent first; the rest of them as one. */
function stacksOf(names: Names, length: number): SecurityStack[] {
  const all = [...names].map(([name, sparse]) => ({
    name,
    counts: Array.from({ length }, (_, i) => sparse[i] ?? 0),
  }));
  all.sort((a, b) => total(b) - total(a));
  const rest = all.slice(MOST_NAMES);
  if (rest.length === 0) return all;
  const counts = Array.from({ length }, (_, i) => rest.reduce((sum, one) => sum + (one.counts[i] ?? 0), 0));
  return [...all.slice(0, MOST_NAMES), { name: REST, counts }];
}

const total = ({ counts }: SecurityStack): number => counts.reduce((sum, count) => sum + count, 0);

/** Views may tell of the same failures, so they are not added up: those of the view that tells most. */
function ofRicherView<R extends { readonly vantage: string; readonly count: number }>(
  rows: readonly R[],
): R[] {
  const views = [...Map.groupBy(rows, ({ vantage }) => vantage).values()];
  const size = (view: readonly R[]): number => view.reduce((sum, { count }) => sum + count, 0);
  return views.reduce<R[]>((most, view) => (size(view) > size(most) ? view : most), []);
}

async function alertsOf(
  store: ReadStore,
  tenant: TenantId,
  of: {
    readonly window: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
    readonly at: ReadonlyMap<number, number>;
    readonly filters: Filters;
  },
): Promise<SecurityStack[]> {
  const endpoints = of.filters.segment.endpoint;
  const rows = await store.tlsAlerts.readTlsAlerts(tenant, {
    ...of.window,
    ...(endpoints ? { endpoints } : {}),
  });
  const names: Names = new Map();
  for (const { bucketStartMs, alert, count } of ofRicherView(rows)) {
    const i = of.at.get(bucketStartMs);
    if (i !== undefined) add(names, alert, { i, count });
  }
  return stacksOf(names, of.at.size);
}

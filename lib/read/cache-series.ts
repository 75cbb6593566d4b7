import type { SeriesReply } from "../contract/read.ts";
import type { CacheSample } from "../domain/handshake.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, TenantId, Window } from "../store/port.ts";
import type { SeriesParams } from "./series.ts";
import { stepsOf } from "./window.ts";

/** Most readings looked at for one answer. */
const MAX_READINGS = 50_000;
type Delta = { hits: number; lookups: number };

/**
 * Hit ratio = hits / (hits + misses) of session caches, from the growth of their counters between readings. A counter
 * that fell has begun again at 0 (its server restarted), so its value is the growth (SOURCES 3.5).
 */
export async function readCacheSeries(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly window: Window; readonly params: SeriesParams; readonly nowMs: number },
): Promise<SeriesReply> {
  const { window, params, nowMs } = request;
  const readings = await store.readCaches(tenant, {
    fromMs: window.fromMs - window.stepMs,
    toMs: window.toMs,
    limit: MAX_READINGS,
    ...(params.endpoint ? { endpoint: params.endpoint } : {}),
    ...(params.node ? { node: params.node } : {}),
  });
  const steps = growth(readings, window);
  const points = stepsOf(window).map((t) => {
    const { hits, lookups } = steps.get(t) ?? { hits: 0, lookups: 0 };
    const interval = wilson(hits, lookups);
    const partial = t + window.stepMs > nowMs ? { partial: true } : {};
    const bounds = { low: interval?.low ?? null, high: interval?.high ?? null };
    return { t, value: lookups ? hits / lookups : null, count: lookups, ...bounds, ...partial };
  });
  const hits = [...steps.values()].reduce((sum, step) => sum + step.hits, 0);
  const lookups = [...steps.values()].reduce((sum, step) => sum + step.lookups, 0);
  const total = { value: lookups ? hits / lookups : null, count: lookups };
  const series = lookups ? [{ key: {}, points, total }] : [];
  return {
    metric: params.metric,
    unit: "ratio",
    ...window,
    resolutionMs: 10_000,
    by: [],
    series,
    seriesTotal: series.length,
  };
}

function growth(readings: readonly CacheSample[], window: Window): Map<number, Delta> {
  const last = new Map<string, CacheSample>();
  const steps = new Map<number, Delta>();
  for (const reading of readings) {
    const key = JSON.stringify([reading.endpoint, reading.node, reading.cache]);
    const before = last.get(key);
    last.set(key, reading);
    if (!before || reading.atMs < window.fromMs) continue;
    const hits = grown(before.hits, reading.hits);
    const misses = grown(before.misses, reading.misses);
    if (hits === null || misses === null) continue;
    const t = Math.floor(reading.atMs / window.stepMs) * window.stepMs;
    const step = steps.get(t) ?? { hits: 0, lookups: 0 };
    steps.set(t, { hits: step.hits + hits, lookups: step.lookups + hits + misses });
  }
  return steps;
}

function grown(before: number | null, after: number | null): number | null {
  if (before === null || after === null) return null;
  return after >= before ? after - before : after;
}

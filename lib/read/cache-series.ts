import type { Point, SeriesReply } from "../contract/read.ts";
import type { CacheSample } from "../domain/handshake.ts";
import { rateOf, type Share } from "../domain/rates.ts";
import { growth } from "../domain/totals.ts";
import { DIMENSIONS } from "../domain/vocabulary.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, TenantId, Window } from "../store/port.ts";
import { type Filters, parseBy, parseFilters } from "./filters.ts";
import { ParameterProblem } from "./problem.ts";
import { MAX_SERIES, type SeriesParams } from "./series-params.ts";
import { stepsOf } from "./window.ts";

/** Most readings looked at for one answer. */
const MAX_READINGS = 50_000;
/** How far before a window the reading may lie from which its first growth is counted. */
const LOOKBACK_MS = 900_000;
/** All that a cache reading says of where it was taken. */
const SPLITS = ["endpoint", "node"] as const;
type Split = (typeof SPLITS)[number];

type Request = { readonly window: Window; readonly params: SeriesParams; readonly nowMs: number };
type Growth = { readonly key: Partial<Record<Split, string | null>>; readonly steps: Map<number, Share> };

/**
 * Hit ratio = hits / (hits + misses) of session caches, from the growth of their counters between readings. A counter
 * that fell has begun again at 0 (its server restarted), so its value is the growth (SOURCES 3.5). Caches know endpoint
 * and node only: region, family and the rest are unknown of them. Throws ParameterProblem.
 */
export async function readCacheSeries(
  store: ReadStore,
  tenant: TenantId,
  request: Request,
): Promise<SeriesReply> {
  const { window, params } = request;
  const by = parseBy(params.by).map((name) => {
    if (!(SPLITS as readonly string[]).includes(name))
      throw new ParameterProblem("by", `cache_hit_ratio can be split by ${SPLITS.join(", ")}, not "${name}"`);
    return name as Split;
  });
  const filters = parseFilters(params);
  const readings = await store.readCaches(tenant, {
    fromMs: window.fromMs - Math.max(window.stepMs, LOOKBACK_MS),
    toMs: window.toMs,
    limit: MAX_READINGS,
  });
  const wanted = readings.filter((reading) => fits(reading, filters));
  const groups = growthOf(wanted, window, by).sort((a, b) => totalOf(b).n - totalOf(a).n);
  return {
    metric: params.metric,
    unit: "ratio",
    ...window,
    resolutionMs: 10_000,
    by,
    series: groups.slice(0, MAX_SERIES).map((group) => seriesOf(group, request)),
    seriesTotal: groups.length,
  };
}

function fits(reading: CacheSample, { segment, mechanisms, outcomes }: Filters): boolean {
  if (mechanisms || outcomes) return false;
  return DIMENSIONS.every((name) => {
    const known = name === "endpoint" || name === "node" ? reading[name] : null;
    return segment[name]?.includes(known) ?? true;
  });
}

function growthOf(readings: readonly CacheSample[], window: Window, by: readonly Split[]): Growth[] {
  const last = new Map<string, CacheSample>();
  const groups = new Map<string, Growth>();
  for (const reading of readings) {
    const cache = JSON.stringify([reading.endpoint, reading.node, reading.cache]);
    const before = last.get(cache);
    last.set(cache, reading);
    if (!before || reading.atMs < window.fromMs) continue;
    const hits = growth(before.hits, reading.hits);
    const misses = growth(before.misses, reading.misses);
    if (hits === null || misses === null || hits + misses === 0) continue;
    const key = Object.fromEntries(by.map((name) => [name, reading[name]]));
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { key, steps: new Map() };
    groups.set(text, group);
    const t = Math.floor(reading.atMs / window.stepMs) * window.stepMs;
    const step = group.steps.get(t) ?? { k: 0, n: 0 };
    group.steps.set(t, { k: step.k + hits, n: step.n + hits + misses });
  }
  return [...groups.values()];
}

function totalOf({ steps }: Growth): Share {
  return [...steps.values()].reduce((sum, step) => ({ k: sum.k + step.k, n: sum.n + step.n }), {
    k: 0,
    n: 0,
  });
}

function seriesOf(group: Growth, { window, nowMs }: Request): SeriesReply["series"][number] {
  const total = totalOf(group);
  const points = stepsOf(window).map((t): Point => {
    const share = group.steps.get(t) ?? { k: 0, n: 0 };
    const interval = wilson(share.k, share.n);
    const partial = t + window.stepMs > nowMs ? { partial: true } : {};
    const bounds = { low: interval?.low ?? null, high: interval?.high ?? null };
    return { t, value: rateOf(share), count: share.n, ...bounds, ...partial };
  });
  return { key: group.key, points, total: { value: rateOf(total), count: total.n } };
}

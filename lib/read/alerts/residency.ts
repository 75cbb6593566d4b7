import { UNKNOWN_VALUE } from "../../contract/read.ts";
import type { CacheSample } from "../../domain/handshake.ts";
import { growth } from "../../domain/totals.ts";
import { inLength, inPercent } from "../../domain/words.ts";
import { type Asked, compared, type MeasureContext, type Measured, momentsOf } from "./measured.ts";

const MOST_READINGS = 50_000;

/**
 * How long a cache keeps a session, over the time that it should: residency = entries / insert rate against the configured timeout
 * (DOMAIN 4.0, Law 4). Only of a cache that evicts: one that is not full keeps everything.
 */
export async function measureResidency(
  context: MeasureContext,
  asked: Asked<"cache_residency">,
): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { window } = condition;
  const readings = await context.store.readCaches(context.tenant, {
    fromMs: times.fromMs - window,
    toMs: times.toMs + 1,
    limit: MOST_READINGS,
  });
  const wanted = readings.filter(
    ({ endpoint, node }) =>
      (rule.scope.endpoint?.includes(endpoint ?? UNKNOWN_VALUE) ?? true) &&
      (rule.scope.node?.includes(node ?? UNKNOWN_VALUE) ?? true),
  );
  const caches = Map.groupBy(wanted, ({ endpoint, node, cache }) => JSON.stringify([endpoint, node, cache]));
  return [...caches.values()].map((list) => ({
    labels: cacheLabels(list[0]),
    points: momentsOf(times).map((atMs) => {
      const within = list.filter((reading) => reading.atMs >= atMs - window && reading.atMs <= atMs);
      const kept = residencyOf(within);
      const value = kept && kept.keptS / kept.timeoutS;
      const sample = compared(value, { direction: "below", value: condition.leastShare });
      const text = kept
        ? `entries stay ${inLength(kept.keptS * 1_000)} of ${inLength(kept.timeoutS * 1_000)} (${inPercent(kept.keptS / kept.timeoutS)}) before they are evicted`
        : "how long entries stay is not known";
      return { atMs, sample, text };
    }),
  }));
}

function cacheLabels(sample: CacheSample | undefined): Record<string, string> {
  const named = { endpoint: sample?.endpoint, node: sample?.node, cache: sample?.cache };
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** How long entries stay, and should; null where a part is not known. Readings are in order of time. */
export function residencyOf(
  readings: readonly CacheSample[],
): { readonly keptS: number; readonly timeoutS: number } | null {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return null;
  const { timeoutS, entries } = last;
  const [inserts, evictions] = [grown(readings, "inserts"), grown(readings, "evictions")];
  if (timeoutS === null || timeoutS <= 0 || entries === null || inserts === null) return null;
  if (evictions === 0) return { keptS: timeoutS, timeoutS };
  if (inserts === 0) return null;
  const perSecond = (1_000 * inserts) / (last.atMs - first.atMs);
  return { keptS: Math.min(timeoutS, entries / perSecond), timeoutS };
}

/** Growth of a total over all readings; null where one of them does not tell it. */
function grown(readings: readonly CacheSample[], name: "inserts" | "evictions"): number | null {
  let sum = 0;
  for (const [i, reading] of readings.entries()) {
    const [before, now] = [readings[i - 1]?.[name], reading[name]];
    if (now === null) return null;
    sum += growth(before, now) ?? 0;
  }
  return sum;
}

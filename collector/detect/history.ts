import { DEFAULT_SETTINGS, type TelemetryRow } from "../../lib/detect/types.ts";
import type { CacheSample, Segment } from "../../lib/domain/handshake.ts";
import { KEY_BUCKET_MS } from "../../lib/domain/keys.ts";
import { DIMENSIONS } from "../../lib/domain/vocabulary.ts";
import type { ReadStore, RollupRow, TenantId } from "../../lib/store/port.ts";
import type { KeySeen } from "./current-keys.ts";

/** A segment is everything that handshakes are told apart by but who told. */
const SEGMENT = DIMENSIONS.filter((name) => name !== "source");
const MOST_CACHES = 100_000;
const HOUR_MS = 3_600_000;
/** The detector's baselines remember ten days of hours, and its windows a day of buckets. */
export const HISTORY_MS = 240 * HOUR_MS;
export const MINUTES_MS = 25 * HOUR_MS;
/** Buckets read at once: fewer cost more, and more hold more memory. */
const BUCKETS_AT_ONCE = 10;

export type StoredRead = {
  readonly rows: ReadonlyMap<number, readonly TelemetryRow[]>;
  readonly caches: readonly CacheSample[];
  readonly keys: readonly KeySeen[];
};
export type StoredWindow = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };

/** What to read next: an hour as a whole, or a few buckets up to `untilMs`. */
export function nextWindow(
  at: { readonly fromMs: number; readonly finelyFromMs: number },
  untilMs: number,
): StoredWindow {
  const { fromMs } = at;
  if (fromMs < at.finelyFromMs) return { fromMs, toMs: fromMs + HOUR_MS, stepMs: HOUR_MS };
  const { bucketMs } = DEFAULT_SETTINGS;
  return { fromMs, toMs: Math.min(untilMs, fromMs + BUCKETS_AT_ONCE * bucketMs), stepMs: bucketMs };
}

/** What the store holds of a window, as the detector takes it: counted as every read counts (two views never added up). */
export async function readWindow(
  store: Pick<ReadStore, "readRollups" | "readCaches" | "keys">,
  tenant: TenantId,
  window: StoredWindow,
): Promise<StoredRead> {
  const caches = await store.readCaches(tenant, { ...window, limit: MOST_CACHES });
  const { fromMs, toMs } = window;
  const uses = await store.keys.readUses(tenant, { fromMs, toMs, stepMs: KEY_BUCKET_MS });
  const keys = uses.map(({ bucketStartMs, count: _, ...use }) => ({ ...use, atMs: bucketStartMs }));
  const { rows } = await store.readRollups(tenant, { ...window, by: SEGMENT, histograms: ["handshakeUs"] });
  return { rows: Map.groupBy(rows.map(rowOf), ({ atMs }) => atMs), caches, keys };
}

function rowOf(row: RollupRow): TelemetryRow {
  const { outcome, offer, mechanism, reason, earlyData, earlyDataReason } = row;
  return {
    atMs: row.bucketStartMs,
    segment: row.group as Segment,
    result: { outcome, offer, mechanism, reason, earlyData, earlyDataReason },
    count: row.count,
    handshakeUsSum: row.handshakeUs?.sum ?? null,
    timedCount: row.handshakeUs?.count ?? 0,
  };
}

/** The steps of a window that was read. */
export function* stepsOf(
  { fromMs, toMs, stepMs }: StoredWindow,
  { rows, caches, keys }: StoredRead,
): Generator<Omit<StoredRead, "rows"> & { readonly rows: readonly TelemetryRow[]; readonly tickMs: number }> {
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    const tickMs = atMs + stepMs;
    const isNow = (one: { readonly atMs: number }): boolean => one.atMs >= atMs && one.atMs < tickMs;
    yield { rows: rows.get(atMs) ?? [], caches: caches.filter(isNow), keys: keys.filter(isNow), tickMs };
  }
}

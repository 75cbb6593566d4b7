import type { TelemetryRow } from "../../lib/detect/types.ts";
import type { CacheSample, Origin, Result, Segment } from "../../lib/domain/handshake.ts";
import type { Span } from "../../lib/domain/spans.ts";
import { hiddenSpans, type Known } from "../../lib/domain/truth.ts";
import { totalsOf } from "../../lib/stats/histogram.ts";
import { eachCell, histogramOf } from "../../lib/store/cell-block.ts";
import type { Cell, Commit, WriteStore } from "../../lib/store/port.ts";
import type { KeySeen } from "./current-keys.ts";

/** Results are few, as in the pipeline's fold. */
const RESULT_SLOTS = 4096;

type Bucket = { readonly sums: Map<number, Sum>; adds: number };
/** `packed` may be left out by who has none. */
type Told = Pick<Commit, "cells" | "caches" | "keys"> & Partial<Pick<Commit, "packed">>;
type Place = Pick<Cell, "bucketStartMs" | "segmentId" | "resultId">;
type Sum = { readonly cell: Place; count: number; usSum: number; timed: number };

export type FeedOptions = {
  readonly store: Pick<WriteStore, "cellOf">;
  readonly bucketMs: number;
  /** Sums held at most; beyond it they are given up, and have to be read from the store. */
  readonly mostSums: number;
  /** Cache readings, and uses of keys, held at most. */
  readonly mostCaches: number;
};

/**
 * What was committed and is not with the detector yet, by bucket: increases, so late ones are as exact as others. Which of
 * two views counts (docs/decisions/005-two-truths.md) is decided when it is taken, as a read would decide it then.
 */
export class Feed {
  readonly #options: FeedOptions;
  #buckets = new Map<number, Bucket>();
  #caches: CacheSample[] = [];
  #keys: KeySeen[] = [];
  #size = 0;
  /** Nothing before this bucket is held. */
  oldestMs = Number.NEGATIVE_INFINITY;
  /** Handshakes that came too late for `oldestMs`. */
  tooOld = 0;
  /** Whether something was given up. */
  overflowed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Takes in a commit. Called after each one, so it does as little as it can. */
  add({ cells, packed = null, caches, keys }: Told): void {
    for (const cell of cells) this.#addCell(cell, cell.handshakeUs);
    if (packed) eachCell(packed.bytes, (cell) => this.#addCell(cell, histogramOf(cell, 0)));
    for (const cache of caches) if (cache.atMs >= this.oldestMs) this.#caches.push(cache);
    // Only what is made under a key tells which one is current.
    for (const { lastMs, endpoint, node, keyName, use } of keys)
      if (use === "issued" && lastMs >= this.oldestMs)
        this.#keys.push({ atMs: lastMs, endpoint, node, keyName, use });
    const { mostSums, mostCaches } = this.#options;
    if (this.#size > mostSums || this.#caches.length > mostCaches || this.#keys.length > mostCaches) {
      this.clear();
      this.overflowed = true;
    }
  }

  #addCell(
    cell: Pick<Cell, "bucketStartMs" | "segmentId" | "resultId" | "count">,
    us: Uint8Array | null,
  ): void {
    const { bucketMs } = this.#options;
    const atMs = Math.floor(cell.bucketStartMs / bucketMs) * bucketMs;
    if (atMs < this.oldestMs) {
      this.tooOld += cell.count;
      return;
    }
    let bucket = this.#buckets.get(atMs);
    if (!bucket) {
      bucket = { sums: new Map(), adds: 0 };
      this.#buckets.set(atMs, bucket);
    }
    bucket.adds += 1;
    const key = cell.segmentId * RESULT_SLOTS + cell.resultId;
    let sum = bucket.sums.get(key);
    if (!sum) {
      const { bucketStartMs, segmentId, resultId } = cell;
      sum = {
        cell: { bucketStartMs, segmentId, resultId },
        count: 0,
        usSum: 0,
        timed: 0,
      };
      bucket.sums.set(key, sum);
      this.#size += 1;
    }
    sum.count += cell.count;
    if (us === null) return;
    const times = totalsOf(us);
    sum.usSum += times.sum;
    sum.timed += times.count;
  }

  /** How often something was added to [fromMs, toMs): the same number twice means that nothing was in between. */
  touches(fromMs: number, toMs: number): number {
    let adds = 0;
    for (const [atMs, bucket] of this.#buckets) if (atMs >= fromMs && atMs < toMs) adds += bucket.adds;
    return adds;
  }

  /** Forgets what lies within [fromMs, toMs): it was read from the store. */
  forget(fromMs: number, toMs: number): void {
    for (const [atMs, bucket] of this.#buckets)
      if (atMs >= fromMs && atMs < toMs) {
        this.#buckets.delete(atMs);
        this.#size -= bucket.sums.size;
      }
    this.#caches = this.#caches.filter(({ atMs }) => atMs < fromMs || atMs >= toMs);
    this.#keys = this.#keys.filter(({ atMs }) => atMs < fromMs || atMs >= toMs);
  }

  clear(): void {
    this.#buckets = new Map();
    this.#caches = [];
    this.#keys = [];
    this.#size = 0;
  }

  /** Takes out everything before a moment, without what another view of the same handshakes tells already. */
  take(
    beforeMs: number,
    known: Known,
  ): { readonly rows: TelemetryRow[]; readonly caches: CacheSample[]; readonly keys: KeySeen[] } {
    const hidden = new Map<number, readonly Span[]>();
    const rows: TelemetryRow[] = [];
    for (const [atMs, bucket] of this.#buckets) {
      if (atMs >= beforeMs) continue;
      for (const sum of bucket.sums.values()) {
        const told = this.#options.store.cellOf(sum.cell);
        if (told && !this.#isHidden(sum.cell.segmentId, told, { atMs, hidden, known }))
          rows.push(rowOf(atMs, told, sum));
      }
      this.#buckets.delete(atMs);
      this.#size -= bucket.sums.size;
    }
    rows.sort((a, b) => a.atMs - b.atMs);
    const caches = this.#caches.filter(({ atMs }) => atMs < beforeMs).sort((a, b) => a.atMs - b.atMs);
    this.#caches = this.#caches.filter(({ atMs }) => atMs >= beforeMs);
    const keys = this.#keys.filter(({ atMs }) => atMs < beforeMs);
    this.#keys = this.#keys.filter(({ atMs }) => atMs >= beforeMs);
    return { rows, caches, keys };
  }

  #isHidden(
    segmentId: number,
    told: Segment & Origin,
    at: { atMs: number; hidden: Map<number, readonly Span[]>; known: Known },
  ): boolean {
    let spans = at.hidden.get(segmentId);
    if (!spans) {
      spans = hiddenSpans(told, at.known);
      at.hidden.set(segmentId, spans);
    }
    const endMs = at.atMs + this.#options.bucketMs;
    return spans.some(({ fromMs, toMs }) => endMs > fromMs && at.atMs < toMs);
  }
}

function rowOf(atMs: number, told: Segment & { readonly result: Result }, sum: Sum): TelemetryRow {
  const { endpoint, node, region, family, protocol, result } = told;
  return {
    atMs,
    segment: { endpoint, node, region, family, protocol },
    result,
    count: sum.count,
    handshakeUsSum: sum.timed > 0 ? sum.usSum : null,
    timedCount: sum.timed,
  };
}

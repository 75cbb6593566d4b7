import { Histogram } from "../../stats/histogram.ts";
import type { CellView, PackableCell } from "./cell-block.ts";

/** Results are few: the combinations of closed vocabularies that occur. */
const RESULT_SLOTS = 4_096;

type Sum = {
  readonly bucketStartMs: number;
  readonly endpointId: number;
  readonly segmentId: number;
  readonly resultId: number;
  count: number;
  /** Bytes as long as they are one cell's; they are not this sum's to change. */
  readonly histograms: [Held, Held, Held];
};
type Held = Histogram | Uint8Array | null;

/** Where a cell is summed. */
export type Place = {
  readonly bucketStartMs: number;
  readonly endpointId: number;
  readonly segmentId: number;
};

/** Sums of cells by bucket, endpoint, segment (or what stands for it) and result. */
export class CellSums {
  /** bucket -> endpoint and segment and result as one number; endpoints only where segments do not imply them. */
  readonly #buckets = new Map<number, Map<number, Map<number, Sum>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a cell that is read from a block. */
  add(place: Place, cell: CellView): void {
    const sum = this.#sum(place, cell.resultId);
    sum.count += cell.count;
    for (let which = 0; which < 3; which += 1) {
      const bytes = cell.histogram(which);
      if (bytes !== null) sum.histograms[which] = merged(sum.histograms[which] ?? null, bytes);
    }
  }

  /** Starts of the spans of so many milliseconds that hold anything, ascending. */
  starts(spanMs: number): number[] {
    const starts = new Set([...this.#buckets.keys()].map((ms) => Math.floor(ms / spanMs) * spanMs));
    return [...starts].sort((a, b) => a - b);
  }

  /** Adds the sums of finer buckets or of segments, each where `placed` says; of a window only, where there is one. */
  addAll(
    finer: CellSums,
    placed: (sum: Place) => Place,
    window: { readonly fromMs: number; readonly toMs: number } | null = null,
  ): void {
    for (const from of finer.#each()) {
      if (window && (from.bucketStartMs < window.fromMs || from.bucketStartMs >= window.toMs)) continue;
      const sum = this.#sum(placed(from), from.resultId);
      sum.count += from.count;
      for (let which = 0; which < 3; which += 1) {
        const held = from.histograms[which];
        if (held) sum.histograms[which] = merged(sum.histograms[which] ?? null, held);
      }
    }
  }

  /** Everything, by endpoint and in the order of the key that rows have. */
  byEndpoint(kept: (place: Place) => boolean = () => true): Map<number, PackableCell[]> {
    const sections = new Map<number, PackableCell[]>();
    for (const sum of this.#each()) {
      if (!kept(sum)) continue;
      const section = sections.get(sum.endpointId);
      if (section) section.push(packable(sum));
      else sections.set(sum.endpointId, [packable(sum)]);
    }
    for (const section of sections.values()) section.sort(byKey);
    return new Map([...sections].sort(([a], [b]) => a - b));
  }

  *#each(): Generator<Sum> {
    for (const endpoints of this.#buckets.values())
      for (const sums of endpoints.values()) yield* sums.values();
  }

  #sum({ bucketStartMs, endpointId, segmentId }: Place, resultId: number): Sum {
    const endpoints = valueAt(this.#buckets, bucketStartMs, () => new Map<number, Map<number, Sum>>());
    const sums = valueAt(endpoints, endpointId, () => new Map<number, Sum>());
    const key = segmentId * RESULT_SLOTS + resultId;
    let sum = sums.get(key);
    if (!sum) {
      const histograms: Sum["histograms"] = [null, null, null];
      sum = { bucketStartMs, endpointId, segmentId, resultId, count: 0, histograms };
      sums.set(key, sum);
      this.#size += 1;
    }
    return sum;
  }
}

function valueAt<T>(map: Map<number, T>, key: number, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function merged(into: Held, more: Histogram | Uint8Array): Held {
  if (into === null) return more instanceof Histogram ? new Histogram().merge(more) : more;
  const sum = into instanceof Histogram ? into : Histogram.decode(into);
  return more instanceof Histogram ? sum.merge(more) : sum.mergeEncoded(more);
}

function packable({ histograms, ...sum }: Sum): PackableCell {
  const [handshakeUs, ttfbUs, ticketAgeS] = histograms.map((held) =>
    held instanceof Histogram ? held.encode() : held,
  ) as [Uint8Array | null, Uint8Array | null, Uint8Array | null];
  return { ...sum, handshakeUs, ttfbUs, ticketAgeS };
}

const byKey = (a: PackableCell, b: PackableCell): number =>
  a.bucketStartMs - b.bucketStartMs || a.segmentId - b.segmentId || a.resultId - b.resultId;

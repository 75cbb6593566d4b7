import type { Handshake, Result, Segment } from "../../lib/domain/handshake.ts";
import { binOf, type Histogram, pushVarint } from "../../lib/stats/histogram.ts";
import type { Cell, WriteStore } from "../../lib/store/port.ts";

const BUCKET_MS = 10_000;
const LAYOUT_VERSION = 1;
/** Results are few (the closed vocabularies' combinations that occur); segments stay below 2^19 by the caps. */
const RESULT_SLOTS = 4096;

type Values = { readonly bins: Map<number, number>; sum: number };
type OpenCell = {
  readonly bucketStartMs: number;
  readonly segmentId: number;
  readonly resultId: number;
  count: number;
  handshakeUs: Values | null;
  ttfbUs: Values | null;
  ticketAgeS: Values | null;
};

/** Handshakes that somebody else has folded already: of one result, in one segment, in one bucket of ten seconds. */
export type FoldedRow = Segment &
  Result & {
    readonly bucketStartMs: number;
    readonly count: number;
    readonly handshakeUs: Histogram | null;
    readonly ttfbUs: Histogram | null;
    readonly ticketAgeS: Histogram | null;
  };

/** Folds handshakes into cells of (10 s bucket, segment, result) until they are taken for a commit. */
export class Fold {
  readonly #store: Pick<WriteStore, "internResult">;
  /** bucket start -> (segment, result) as one small integer -> cell. */
  #buckets = new Map<number, Map<number, OpenCell>>();
  #size = 0;

  constructor(store: Pick<WriteStore, "internResult">) {
    this.#store = store;
  }

  /** How many cells are open. */
  get size(): number {
    return this.#size;
  }

  /** Adds a handshake to its segment, by the numbers that it and its result have. */
  add(handshake: Handshake, segmentId: number, resultId: number = this.#store.internResult(handshake)): void {
    const bucketStartMs = Math.floor(handshake.atMs / BUCKET_MS) * BUCKET_MS;
    const cell = this.#cell(bucketStartMs, segmentId, resultId);
    cell.count += handshake.count;
    if (handshake.handshakeUs !== null)
      cell.handshakeUs = add(cell.handshakeUs, handshake.handshakeUs, handshake.count);
    if (handshake.ttfbUs !== null) cell.ttfbUs = add(cell.ttfbUs, handshake.ttfbUs, handshake.count);
    if (handshake.ticketAgeS !== null)
      cell.ticketAgeS = add(cell.ticketAgeS, handshake.ticketAgeS, handshake.count);
  }

  addRow(row: FoldedRow, segmentId: number): void {
    const cell = this.#cell(row.bucketStartMs, segmentId, this.#store.internResult(row));
    cell.count += row.count;
    cell.handshakeUs = merge(cell.handshakeUs, row.handshakeUs);
    cell.ttfbUs = merge(cell.ttfbUs, row.ttfbUs);
    cell.ticketAgeS = merge(cell.ticketAgeS, row.ticketAgeS);
  }

  #cell(bucketStartMs: number, segmentId: number, resultId: number): OpenCell {
    let bucket = this.#buckets.get(bucketStartMs);
    if (!bucket) {
      bucket = new Map();
      this.#buckets.set(bucketStartMs, bucket);
    }
    const key = segmentId * RESULT_SLOTS + resultId;
    const known = bucket.get(key);
    if (known) return known;
    const cell: OpenCell = {
      bucketStartMs,
      segmentId,
      resultId,
      count: 0,
      handshakeUs: null,
      ttfbUs: null,
      ticketAgeS: null,
    };
    bucket.set(key, cell);
    this.#size += 1;
    return cell;
  }

  /** Everything folded so far; the fold is empty afterwards. */
  take(): Cell[] {
    const cells: Cell[] = [];
    for (const bucket of this.#buckets.values())
      for (const cell of bucket.values())
        cells.push({
          ...cell,
          handshakeUs: encode(cell.handshakeUs),
          ttfbUs: encode(cell.ttfbUs),
          ticketAgeS: encode(cell.ticketAgeS),
        });
    this.#buckets = new Map();
    this.#size = 0;
    return cells;
  }
}

function add(values: Values | null, value: number, weight: number): Values {
  const into = values ?? { bins: new Map<number, number>(), sum: 0 };
  const bin = binOf(value);
  into.bins.set(bin, (into.bins.get(bin) ?? 0) + weight);
  into.sum += value * weight;
  return into;
}

function merge(values: Values | null, more: Histogram | null): Values | null {
  if (more === null) return values;
  const into = values ?? { bins: new Map<number, number>(), sum: 0 };
  for (const [bin, weight] of more.bins) into.bins.set(bin, (into.bins.get(bin) ?? 0) + weight);
  into.sum += more.sum;
  return into;
}

// The same bytes as Histogram.encode, without a class instance for every cell.
function encode(values: Values | null): Uint8Array | null {
  if (values === null) return null;
  const out: number[] = [LAYOUT_VERSION];
  pushVarint(out, values.sum);
  const bins = values.bins.size === 1 ? [...values.bins] : [...values.bins].sort((a, b) => a[0] - b[0]);
  let last = 0;
  for (const [bin, weight] of bins) {
    pushVarint(out, bin - last);
    pushVarint(out, weight);
    last = bin;
  }
  return Uint8Array.from(out);
}

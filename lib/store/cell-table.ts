import { binOf } from "../stats/histogram.ts";
import { type Bytes, readVarint } from "./varint.ts";

/** handshakeUs, ttfbUs, ticketAgeS. */
export const METRICS = 3;
/** Of lib/stats/histogram.ts. */
const HISTOGRAM_LAYOUT = 1;
const NONE = -1;
const FIRST_ROOM = 4_096;
/** As much as is kept for the next use, once it was needed. */
const MOST_KEPT = FIRST_ROOM * 16;

/** Where handshakes are summed. Buckets count in whatever unit their user counts. */
export type CellKey = {
  readonly bucket: number;
  readonly endpointId: number;
  readonly segmentId: number;
  readonly resultId: number;
};

/**
 * Sums of handshakes by cell in flat memory: an open hash table of whole numbers, and bins of histograms as lists in three columns.
 * Nothing is allocated for a cell.
 */
export class CellTable {
  size = 0;
  readonly #firstRoom: number;
  #slots = new Int32Array(0);
  #buckets = new Int32Array(0);
  #endpoints = new Int32Array(0);
  #segments = new Int32Array(0);
  #results = new Int32Array(0);
  #counts = new Float64Array(0);
  /** By cell and metric: the sum, and the first bin of the list. */
  #sums = new Float64Array(0);
  #heads = new Int32Array(0);
  #bins = new Int16Array(0);
  #weights = new Float64Array(0);
  #nexts = new Int32Array(0);
  #binCount = 0;

  /** `cells`: how many it is made for; making room that is not needed costs more than summing a few. It grows beyond. */
  constructor(cells = FIRST_ROOM) {
    // A power of two: slots are found by a mask.
    this.#firstRoom = 2 ** Math.ceil(Math.log2(Math.max(1, cells)));
    this.#resize(this.#firstRoom);
  }

  /** The number of a cell, which is made where there is none. */
  cell(bucket: number, endpointId: number, segmentId: number, resultId: number): number {
    const mask = this.#slots.length - 1;
    let slot = slotOf(bucket, segmentId, resultId, endpointId) & mask;
    for (;;) {
      const cell = (this.#slots[slot] as number) - 1;
      if (cell < 0) break;
      if (
        this.#segments[cell] === segmentId &&
        this.#results[cell] === resultId &&
        this.#buckets[cell] === bucket &&
        this.#endpoints[cell] === endpointId
      )
        return cell;
      slot = (slot + 1) & mask;
    }
    if (this.size === this.#buckets.length) {
      this.#grow();
      return this.cell(bucket, endpointId, segmentId, resultId);
    }
    const cell = this.size;
    this.size += 1;
    this.#slots[slot] = cell + 1;
    this.#buckets[cell] = bucket;
    this.#endpoints[cell] = endpointId;
    this.#segments[cell] = segmentId;
    this.#results[cell] = resultId;
    this.#counts[cell] = 0;
    for (let metric = 0; metric < METRICS; metric += 1) {
      this.#heads[cell * METRICS + metric] = NONE;
      this.#sums[cell * METRICS + metric] = 0;
    }
    return cell;
  }

  bucketOf(cell: number): number {
    return this.#buckets[cell] as number;
  }
  endpointOf(cell: number): number {
    return this.#endpoints[cell] as number;
  }
  segmentOf(cell: number): number {
    return this.#segments[cell] as number;
  }
  resultOf(cell: number): number {
    return this.#results[cell] as number;
  }
  countOf(cell: number): number {
    return this.#counts[cell] as number;
  }

  addCount(cell: number, count: number): void {
    this.#counts[cell] = (this.#counts[cell] as number) + count;
  }

  /** Adds `weight` equal values of a metric, each whole and not below 0. */
  addValue(cell: number, metric: number, value: number, weight: number): void {
    const at = cell * METRICS + metric;
    this.#sums[at] = (this.#sums[at] as number) + value * weight;
    this.#addBin(at, binOf(value), weight);
  }

  /** Adds a histogram as lib/stats/histogram.ts writes it (layout 1), which lies within [from, to) of some bytes. */
  addBytes(cell: number, metric: number, bytes: Uint8Array, from: number, to: number): void {
    if (bytes[from] !== HISTOGRAM_LAYOUT) throw new Error(`histogram layout ${bytes[from]} is not known`);
    const at = cell * METRICS + metric;
    const cursor = CURSOR;
    cursor.at = from + 1;
    this.#sums[at] = (this.#sums[at] as number) + readVarint(bytes, cursor);
    let bin = 0;
    while (cursor.at < to) {
      bin += readVarint(bytes, cursor);
      this.#addBin(at, bin, readVarint(bytes, cursor));
    }
  }

  /** Adds a cell of another table. */
  addCell(cell: number, other: CellTable, of: number): void {
    this.addCount(cell, other.countOf(of));
    for (let metric = 0; metric < METRICS; metric += 1) {
      const from = of * METRICS + metric;
      let node = other.#heads[from] as number;
      if (node === NONE) continue;
      const at = cell * METRICS + metric;
      this.#sums[at] = (this.#sums[at] as number) + (other.#sums[from] as number);
      for (; node !== NONE; node = other.#nexts[node] as number)
        this.#addBin(at, other.#bins[node] as number, other.#weights[node] as number);
    }
  }

  /** Whether anything was told of a metric. */
  has(cell: number, metric: number): boolean {
    return this.#heads[cell * METRICS + metric] !== NONE;
  }

  /** Appends a metric's histogram as addBytes reads it, after its length. */
  writeHistogram(cell: number, metric: number, out: Bytes): void {
    const at = cell * METRICS + metric;
    const head = this.#heads[at] as number;
    out.measured(() => {
      out.byte(HISTOGRAM_LAYOUT);
      out.varint(this.#sums[at] as number);
      if (this.#nexts[head] === NONE) {
        out.varint(this.#bins[head] as number);
        out.varint(this.#weights[head] as number);
      } else this.#writeBins(head, out);
    });
  }

  #writeBins(head: number, out: Bytes): void {
    const nodes: number[] = [];
    for (let node = head; node !== NONE; node = this.#nexts[node] as number) nodes.push(node);
    nodes.sort((a, b) => (this.#bins[a] as number) - (this.#bins[b] as number));
    let last = 0;
    for (const node of nodes) {
      const bin = this.#bins[node] as number;
      out.varint(bin - last);
      out.varint(this.#weights[node] as number);
      last = bin;
    }
  }

  /** Empties it, for using it again. */
  clear(): void {
    if (this.#buckets.length > Math.max(MOST_KEPT, this.#firstRoom)) this.#resize(this.#firstRoom);
    else this.#slots.fill(0);
    this.size = 0;
    this.#binCount = 0;
  }

  #addBin(at: number, bin: number, weight: number): void {
    for (let node = this.#heads[at] as number; node !== NONE; node = this.#nexts[node] as number)
      if (this.#bins[node] === bin) {
        this.#weights[node] = (this.#weights[node] as number) + weight;
        return;
      }
    if (this.#binCount === this.#bins.length) this.#growBins();
    const node = this.#binCount;
    this.#binCount += 1;
    this.#bins[node] = bin;
    this.#weights[node] = weight;
    this.#nexts[node] = this.#heads[at] as number;
    this.#heads[at] = node;
  }

  #resize(room: number): void {
    this.#slots = new Int32Array(room * 2);
    this.#buckets = new Int32Array(room);
    this.#endpoints = new Int32Array(room);
    this.#segments = new Int32Array(room);
    this.#results = new Int32Array(room);
    this.#counts = new Float64Array(room);
    this.#sums = new Float64Array(room * METRICS);
    this.#heads = new Int32Array(room * METRICS);
    this.#bins = new Int16Array(room);
    this.#weights = new Float64Array(room);
    this.#nexts = new Int32Array(room);
  }

  #grow(): void {
    const room = this.#buckets.length * 2;
    this.#buckets = grownInts(this.#buckets, room);
    this.#endpoints = grownInts(this.#endpoints, room);
    this.#segments = grownInts(this.#segments, room);
    this.#results = grownInts(this.#results, room);
    this.#counts = grownFloats(this.#counts, room);
    this.#sums = grownFloats(this.#sums, room * METRICS);
    this.#heads = grownInts(this.#heads, room * METRICS);
    this.#slots = new Int32Array(room * 2);
    const mask = this.#slots.length - 1;
    for (let cell = 0; cell < this.size; cell += 1) {
      let slot =
        slotOf(this.bucketOf(cell), this.segmentOf(cell), this.resultOf(cell), this.endpointOf(cell)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = cell + 1;
    }
  }

  #growBins(): void {
    const room = this.#bins.length * 2;
    const bins = new Int16Array(room);
    bins.set(this.#bins);
    this.#bins = bins;
    this.#weights = grownFloats(this.#weights, room);
    this.#nexts = grownInts(this.#nexts, room);
  }
}

const CURSOR = { at: 0 };

function slotOf(bucket: number, segmentId: number, resultId: number, endpointId: number): number {
  const mixed =
    Math.imul(bucket, 0x9e3779b1) ^
    Math.imul(segmentId, 0x85ebca77) ^
    Math.imul(resultId, 0xc2b2ae3d) ^
    Math.imul(endpointId, 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function grownInts(ints: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(room);
  grown.set(ints);
  return grown;
}

function grownFloats(floats: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(room);
  grown.set(floats);
  return grown;
}

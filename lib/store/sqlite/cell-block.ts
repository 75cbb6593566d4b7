/**
 * Cells of ten seconds, packed into bytes: how they lie in "CellBlock", and how rows go to SQLite in one parameter.
 *
 * Layout 1: a byte 1, then sections to the end: varint endpoint (0: cells of any), varint bytes, varint of the first
 * bucket, then cells of varint (bucket - first), segment, result, count, a byte of which histograms there are, and each of
 * those as varint length and bytes. Buckets count in tens of seconds since the epoch. Varints are little-endian base 128.
 */
const LAYOUT_VERSION = 1;
const BUCKET_MS = 10_000;
/** Of cells of any endpoint: they lie as they came. */
export const ANY_ENDPOINT = 0;
const HISTOGRAMS = 3;

/** A cell to pack. Its start divides into tens of seconds. */
export type PackableCell = {
  readonly bucketStartMs: number;
  readonly segmentId: number;
  readonly resultId: number;
  readonly count: number;
  readonly handshakeUs: Uint8Array | null;
  readonly ttfbUs: Uint8Array | null;
  readonly ticketAgeS: Uint8Array | null;
};

/** A cell as it is read; the next one is the same object. */
export type CellView = {
  endpointId: number;
  bucketStartMs: number;
  segmentId: number;
  resultId: number;
  count: number;
  /** Bytes of handshakeUs (0), ttfbUs (1) or ticketAgeS (2), which are the block's own; null: none. */
  histogram(which: number): Uint8Array | null;
};

/** Packs cells as they come, into a block of one section. */
export function packCells(cells: readonly PackableCell[]): Uint8Array {
  const out = new Bytes();
  out.byte(LAYOUT_VERSION);
  if (cells.length > 0) packSection(out, ANY_ENDPOINT, cells);
  return out.taken();
}

/** Packs cells by endpoint, so that a reader of one endpoint skips the rest. */
export function packByEndpoint(sections: ReadonlyMap<number, readonly PackableCell[]>): Uint8Array {
  const out = new Bytes();
  out.byte(LAYOUT_VERSION);
  for (const [endpointId, cells] of sections) packSection(out, endpointId, cells);
  return out.taken();
}

function packSection(out: Bytes, endpointId: number, cells: readonly PackableCell[]): void {
  const part = new Bytes();
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { bucketStartMs } of cells) if (bucketStartMs < firstMs) firstMs = bucketStartMs;
  part.varint(firstMs / BUCKET_MS);
  for (const cell of cells) {
    part.varint((cell.bucketStartMs - firstMs) / BUCKET_MS);
    part.varint(cell.segmentId);
    part.varint(cell.resultId);
    part.varint(cell.count);
    const { handshakeUs, ttfbUs, ticketAgeS } = cell;
    part.byte((handshakeUs ? 1 : 0) | (ttfbUs ? 2 : 0) | (ticketAgeS ? 4 : 0));
    if (handshakeUs) part.bytes(handshakeUs);
    if (ttfbUs) part.bytes(ttfbUs);
    if (ticketAgeS) part.bytes(ticketAgeS);
  }
  out.varint(endpointId);
  out.bytes(part.taken());
}

/** Visits every cell of a block. Throws on another layout. */
export function eachCell(block: Uint8Array, visit: (cell: CellView) => void): void {
  const cursor = opened(block);
  while (cursor.at < block.length) {
    const endpointId = cursor.varint();
    const end = cursor.varint() + cursor.at;
    eachOfSection(cursor, { endpointId, end, visit });
  }
}

/** Sections of a block with the endpoint that they are of: bytes of the block itself, which make a block again after its first byte. */
export function eachSection(
  block: Uint8Array,
  visit: (endpointId: number, section: Uint8Array) => void,
): void {
  const cursor = opened(block);
  while (cursor.at < block.length) {
    const from = cursor.at;
    const endpointId = cursor.varint();
    const length = cursor.varint();
    cursor.at += length;
    visit(endpointId, block.subarray(from, cursor.at));
  }
}

function opened(block: Uint8Array): Cursor {
  if (block[0] !== LAYOUT_VERSION) throw new Error(`block layout ${block[0]} is not known`);
  return new Cursor(block, 1);
}

function eachOfSection(
  cursor: Cursor,
  { endpointId, end, visit }: { endpointId: number; end: number; visit: (cell: CellView) => void },
): void {
  const first = cursor.varint();
  const starts = [0, 0, 0];
  const ends = [0, 0, 0];
  const cell: CellView = {
    ...{ endpointId, bucketStartMs: 0, segmentId: 0, resultId: 0, count: 0 },
    histogram: (which) =>
      ends[which] === 0 ? null : cursor.block.subarray(starts[which] as number, ends[which] as number),
  };
  while (cursor.at < end) {
    cell.bucketStartMs = (first + cursor.varint()) * BUCKET_MS;
    cell.segmentId = cursor.varint();
    cell.resultId = cursor.varint();
    cell.count = cursor.varint();
    const there = cursor.varint();
    for (let which = 0; which < HISTOGRAMS; which += 1) {
      ends[which] = 0;
      if ((there & (1 << which)) === 0) continue;
      const length = cursor.varint();
      starts[which] = cursor.at;
      cursor.at += length;
      ends[which] = cursor.at;
    }
    visit(cell);
  }
}

class Cursor {
  readonly block: Uint8Array;
  at: number;

  constructor(block: Uint8Array, at: number) {
    this.block = block;
    this.at = at;
  }

  varint(): number {
    let byte = this.block[this.at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    let factor = 128;
    do {
      byte = this.block[this.at++] as number;
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  }
}

/** Bytes that grow. */
class Bytes {
  #held = new Uint8Array(1_024);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#held.length) this.#grow(1);
    this.#held[this.#length++] = value;
  }

  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Their number and they. */
  bytes(more: Uint8Array): void {
    this.varint(more.length);
    if (this.#length + more.length > this.#held.length) this.#grow(more.length);
    this.#held.set(more, this.#length);
    this.#length += more.length;
  }

  taken(): Uint8Array {
    return this.#held.subarray(0, this.#length);
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.max(this.#held.length * 2, this.#length + least));
    grown.set(this.#held);
    this.#held = grown;
  }
}

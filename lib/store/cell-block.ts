/**
 * Cells of ten seconds, packed into bytes: how they lie in the store, and how rows go to SQLite in one parameter.
 *
 * Layout 1: a byte 1, then sections to the end: varint endpoint (0: cells of any), varint bytes, varint of the first
 * bucket, then cells of varint (bucket - first), segment, result, count, a byte of which histograms there are, and each of
 * those as varint length and bytes. Buckets count in tens of seconds since the epoch. Varints are little-endian base 128.
 */
import { type CellTable, METRICS } from "./cell-table.ts";
import { Bytes, readVarint } from "./varint.ts";

const LAYOUT_VERSION = 1;
export const BUCKET_MS = 10_000;
/** Of cells of any endpoint: they lie as they came. */
export const ANY_ENDPOINT = 0;

/** Cells that are packed already, with the window that they lie in. */
export type PackedCells = { readonly bytes: Uint8Array; readonly fromMs: number; readonly toMs: number };

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
  readonly block: Uint8Array;
  endpointId: number;
  bucketStartMs: number;
  segmentId: number;
  resultId: number;
  count: number;
  /** Where handshakeUs (0), ttfbUs (1) and ticketAgeS (2) lie in the block; an end of 0: there is none. */
  readonly starts: number[];
  readonly ends: number[];
};

/** Bytes of a cell's histogram, which are the block's own; null: none. */
export function histogramOf({ block, starts, ends }: CellView, metric: number): Uint8Array | null {
  return ends[metric] === 0 ? null : block.subarray(starts[metric], ends[metric]);
}

/** Packs cells as they come, into a block of one section. */
export function packCells(cells: readonly PackableCell[]): Uint8Array {
  const firstMs = cells.reduce((first, { bucketStartMs }) => Math.min(first, bucketStartMs), Infinity);
  const section = new Bytes();
  if (cells.length > 0) section.varint(firstMs / BUCKET_MS);
  for (const { bucketStartMs, segmentId, resultId, count, ...histograms } of cells) {
    const { handshakeUs, ttfbUs, ticketAgeS } = histograms;
    for (const part of [(bucketStartMs - firstMs) / BUCKET_MS, segmentId, resultId, count])
      section.varint(part);
    section.byte((handshakeUs ? 1 : 0) | (ttfbUs ? 2 : 0) | (ticketAgeS ? 4 : 0));
    for (const bytes of [handshakeUs, ttfbUs, ticketAgeS]) if (bytes) section.bytes(bytes);
  }
  return blockOf(cells.length > 0 ? [[ANY_ENDPOINT, section.taken()]] : []);
}

/** Packs cells of a table, one section for each run of cells with the same endpoint. */
export function packTable(table: CellTable, cells: Iterable<number>): Uint8Array {
  const sections: (readonly [number, Uint8Array])[] = [];
  for (const [endpointId, run] of runsOf(table, cells)) {
    const first = run.reduce((least, cell) => Math.min(least, table.bucketOf(cell)), Infinity);
    const section = new Bytes(run.length * 16 + 16);
    section.varint(first);
    for (const cell of run) packCell(section, table, { cell, first });
    sections.push([endpointId, section.taken()]);
  }
  return blockOf(sections);
}

function* runsOf(
  table: CellTable,
  cells: Iterable<number>,
): Generator<[endpointId: number, cells: number[]]> {
  let run: number[] = [];
  for (const cell of cells) {
    const last = run[0];
    if (last !== undefined && table.endpointOf(last) !== table.endpointOf(cell)) {
      yield [table.endpointOf(last), run];
      run = [];
    }
    run.push(cell);
  }
  if (run[0] !== undefined) yield [table.endpointOf(run[0]), run];
}

function packCell(
  section: Bytes,
  table: CellTable,
  { cell, first }: { readonly cell: number; readonly first: number },
): void {
  section.varint(table.bucketOf(cell) - first);
  section.varint(table.segmentOf(cell));
  section.varint(table.resultOf(cell));
  section.varint(table.countOf(cell));
  let there = 0;
  for (let metric = 0; metric < METRICS; metric += 1) if (table.has(cell, metric)) there |= 1 << metric;
  section.byte(there);
  for (let metric = 0; metric < METRICS; metric += 1)
    if (table.has(cell, metric)) table.writeHistogram(cell, metric, section);
}

function blockOf(sections: readonly (readonly [endpointId: number, bytes: Uint8Array])[]): Uint8Array {
  const block = new Bytes(sections.reduce((sum, [, bytes]) => sum + bytes.length + 16, 16));
  block.byte(LAYOUT_VERSION);
  for (const [endpointId, bytes] of sections) {
    block.varint(endpointId);
    block.bytes(bytes);
  }
  return block.taken();
}

/** Visits every cell of a block. Throws on another layout. */
export function eachCell(block: Uint8Array, visit: (cell: CellView) => void): void {
  const cursor = opened(block);
  while (cursor.at < block.length) {
    const endpointId = readVarint(block, cursor);
    const end = readVarint(block, cursor) + cursor.at;
    eachOfSection(block, cursor, { endpointId, end, visit });
  }
}

function eachOfSection(
  block: Uint8Array,
  cursor: { at: number },
  { endpointId, end, visit }: { endpointId: number; end: number; visit: (cell: CellView) => void },
): void {
  const first = readVarint(block, cursor);
  const [starts, ends] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  const place = { bucketStartMs: 0, segmentId: 0, resultId: 0, count: 0 };
  const cell: CellView = { block, endpointId, ...place, starts, ends };
  while (cursor.at < end) {
    cell.bucketStartMs = (first + readVarint(block, cursor)) * BUCKET_MS;
    cell.segmentId = readVarint(block, cursor);
    cell.resultId = readVarint(block, cursor);
    cell.count = readVarint(block, cursor);
    const there = readVarint(block, cursor);
    for (let metric = 0; metric < METRICS; metric += 1) {
      ends[metric] = 0;
      if ((there & (1 << metric)) === 0) continue;
      const length = readVarint(block, cursor);
      starts[metric] = cursor.at;
      cursor.at += length;
      ends[metric] = cursor.at;
    }
    visit(cell);
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
    const endpointId = readVarint(block, cursor);
    const length = readVarint(block, cursor);
    cursor.at += length;
    visit(endpointId, block.subarray(from, cursor.at));
  }
}

function opened(block: Uint8Array): { at: number } {
  if (block[0] !== LAYOUT_VERSION) throw new Error(`block layout ${block[0]} is not known`);
  return { at: 1 };
}

/** Adds every cell of a block to a table, of the endpoint that `endpointOf` says. Answers how many. */
export function addBlock(
  table: CellTable,
  block: Uint8Array,
  endpointOf: (segmentId: number) => number,
): number {
  let cells = 0;
  eachCell(block, (view) => {
    cells += 1;
    const bucket = view.bucketStartMs / BUCKET_MS;
    const cell = table.cell(bucket, endpointOf(view.segmentId), view.segmentId, view.resultId);
    table.addCount(cell, view.count);
    for (let metric = 0; metric < METRICS; metric += 1) {
      const end = view.ends[metric] as number;
      if (end > 0) table.addBytes(cell, metric, block, view.starts[metric] as number, end);
    }
  });
  return cells;
}

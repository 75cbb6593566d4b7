import { ANY_ENDPOINT, BUCKET_MS, type PackedCells, packTable } from "../../lib/store/cell-block.ts";
import { type CellTable, METRICS } from "../../lib/store/cell-table.ts";
import { COUNT_FIELD, type PlainHandshakes, UNKNOWN_NUMBER } from "./plain-handshakes.ts";

/** Of NUMBER_FIELDS: the first of three metrics. */
const FIRST_METRIC = 1;

/** Adds one of a push's plain handshakes to its cell. */
export function foldPlain(
  table: CellTable,
  plain: PlainHandshakes,
  {
    index,
    segmentId,
    resultId,
  }: { readonly index: number; readonly segmentId: number; readonly resultId: number },
): void {
  const count = plain.numberAt(index, COUNT_FIELD);
  const bucket = Math.floor(plain.numberAt(index, 0) / BUCKET_MS);
  const cell = table.cell(bucket, ANY_ENDPOINT, segmentId, resultId);
  table.addCount(cell, count);
  for (let metric = 0; metric < METRICS; metric += 1) {
    const value = plain.numberAt(index, FIRST_METRIC + metric);
    if (value !== UNKNOWN_NUMBER) table.addValue(cell, metric, value, count);
  }
}

/** Everything in a table, packed as it came; null where there is nothing. The table is empty afterwards. */
export function takeCells(table: CellTable): PackedCells | null {
  if (table.size === 0) return null;
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  const cells = Array.from({ length: table.size }, (_, cell) => cell);
  for (const cell of cells) {
    first = Math.min(first, table.bucketOf(cell));
    last = Math.max(last, table.bucketOf(cell));
  }
  const bytes = packTable(table, cells);
  table.clear();
  return { bytes, fromMs: first * BUCKET_MS, toMs: (last + 1) * BUCKET_MS };
}

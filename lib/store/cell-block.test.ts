import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "../stats/histogram.ts";
import {
  addBlock,
  BUCKET_MS,
  type CellView,
  eachCell,
  eachSection,
  histogramOf,
  type PackableCell,
  packCells,
  packTable,
} from "./cell-block.ts";
import { CellTable } from "./cell-table.ts";

const START = Math.floor(Date.UTC(2026, 10, 24, 12) / BUCKET_MS);
const values = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { maxLength: 12 });
const cell = fc
  .record({
    bucket: fc.integer({ min: START, max: START + 5 }),
    segmentId: fc.integer({ min: 16, max: 20_000 }),
    resultId: fc.integer({ min: 1, max: 40 }),
    count: fc.integer({ min: 1, max: 2 ** 45 }),
    handshakeUs: values,
    ttfbUs: values,
    ticketAgeS: values,
  })
  .map(
    ({ bucket, handshakeUs, ttfbUs, ticketAgeS, ...rest }): PackableCell => ({
      ...{ bucketStartMs: bucket * BUCKET_MS, ...rest },
      ...{ handshakeUs: encoded(handshakeUs), ttfbUs: encoded(ttfbUs), ticketAgeS: encoded(ticketAgeS) },
    }),
  );

function encoded(list: readonly number[]): Uint8Array | null {
  if (list.length === 0) return null;
  const histogram = new Histogram();
  for (const value of list) histogram.add(value);
  return histogram.encode();
}

function read(block: Uint8Array): PackableCell[] {
  const cells: PackableCell[] = [];
  const bytes = (view: CellView, metric: number) => {
    const own = histogramOf(view, metric);
    return own && Uint8Array.from(own);
  };
  eachCell(block, (view) => {
    const { bucketStartMs, segmentId, resultId, count } = view;
    const [handshakeUs = null, ttfbUs = null, ticketAgeS = null] = [0, 1, 2].map((metric) =>
      bytes(view, metric),
    );
    cells.push({ bucketStartMs, segmentId, resultId, count, handshakeUs, ttfbUs, ticketAgeS });
  });
  return cells;
}

/** What every cell of a kind adds up to, in a form that compares. */
function sums(cells: readonly PackableCell[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const kinds = Map.groupBy(
    cells,
    ({ bucketStartMs, segmentId, resultId }) => `${bucketStartMs} ${segmentId} ${resultId}`,
  );
  for (const [kind, list] of [...kinds].sort()) {
    const merged = (["handshakeUs", "ttfbUs", "ticketAgeS"] as const).map((metric) => {
      const told = list.flatMap((one) => one[metric] ?? []);
      return told.length === 0
        ? null
        : [...told.reduce((sum, bytes) => sum.mergeEncoded(bytes), new Histogram()).encode()];
    });
    found.set(kind, [list.reduce((sum, { count }) => sum + count, 0), ...merged]);
  }
  return found;
}

it("cells come back as they were packed", () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 30 }), (cells) => {
      expect(read(packCells(cells))).toEqual(cells);
    }),
  );
});

it("a table adds up what blocks hold, by endpoint, whatever was in it before", () => {
  const table = new CellTable(4);
  const endpointOf = (segmentId: number): number => 1 + (segmentId % 3);
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 40 }), { maxLength: 4 }), (blocks) => {
      table.clear();
      for (const cells of blocks) addBlock(table, packCells(cells), endpointOf);
      const order = Array.from({ length: table.size }, (_, index) => index).sort(
        (a, b) => table.endpointOf(a) - table.endpointOf(b),
      );
      const packed = packTable(table, order);
      expect(sums(read(packed))).toEqual(sums(blocks.flat()));
      const endpoints: number[] = [];
      eachSection(packed, (endpointId, section) => {
        endpoints.push(endpointId);
        // A section after the layout's byte is a block of its own.
        const own = read(Buffer.concat([Buffer.from([1]), section]));
        expect(new Set(own.map(({ segmentId }) => endpointOf(segmentId)))).toEqual(new Set([endpointId]));
      });
      expect(endpoints).toEqual([...new Set(endpoints)].sort((a, b) => a - b));
    }),
  );
});

it("another layout is refused", () => {
  expect(() => eachCell(Uint8Array.from([2, 0]), () => undefined)).toThrow("block layout 2");
  const table = new CellTable();
  expect(() => table.addBytes(table.cell(1, 0, 1, 1), 0, Uint8Array.from([9, 1, 1, 1]), 0, 4)).toThrow(
    "layout 9",
  );
});

/**
 * Rows on their way to the detector's thread: segments and results are numbered once, and a row is six numbers in one
 * array whose memory is handed over, not copied.
 */

import type { TelemetryRow } from "../../lib/detect/types.ts";
import type { Result, Segment } from "../../lib/domain/handshake.ts";

const FIELDS = 6;

export type Named = { readonly segments: readonly Segment[]; readonly results: readonly Result[] };
export type PackedRows = { readonly named: Named; readonly rows: Float64Array<ArrayBuffer> };

/** The sender's side: numbers what it has not told yet. */
export class Packer {
  readonly #numbers = new Map<string, number>();
  #segments: Segment[] = [];
  #results: Result[] = [];
  #segmentsTold = 0;
  #resultsTold = 0;

  pack(rows: readonly TelemetryRow[]): PackedRows {
    const packed = new Float64Array(rows.length * FIELDS);
    // Rows of one read share their segments: most are looked up by identity.
    const known = new Map<Segment, number>();
    let at = 0;
    for (const { atMs, segment, result, count, handshakeUsSum, timedCount } of rows) {
      let number = known.get(segment);
      if (number === undefined) {
        number = this.#segment(segment);
        known.set(segment, number);
      }
      packed[at] = number;
      packed[at + 1] = this.#result(result);
      packed[at + 2] = atMs;
      packed[at + 3] = count;
      packed[at + 4] = handshakeUsSum ?? Number.NaN;
      packed[at + 5] = timedCount;
      at += FIELDS;
    }
    const named = { segments: this.#segments, results: this.#results };
    this.#segments = [];
    this.#results = [];
    return { named, rows: packed };
  }

  #segment(segment: Segment): number {
    const { endpoint, node, region, family, protocol } = segment;
    const key = JSON.stringify([endpoint, node, region, family, protocol]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#segmentsTold;
    this.#segmentsTold += 1;
    this.#numbers.set(key, number);
    this.#segments.push({ endpoint, node, region, family, protocol });
    return number;
  }

  #result(result: Result): number {
    const { outcome, offer, mechanism, reason, earlyData, earlyDataReason } = result;
    const key = `${outcome}\u0000${offer}\u0000${mechanism}\u0000${reason}\u0000${earlyData}\u0000${earlyDataReason === null ? "" : `=${earlyDataReason}`}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#resultsTold;
    this.#resultsTold += 1;
    this.#numbers.set(key, number);
    this.#results.push({ outcome, offer, mechanism, reason, earlyData, earlyDataReason });
    return number;
  }
}

/** The receiver's side. */
export class Unpacker {
  readonly #segments: Segment[] = [];
  readonly #results: Result[] = [];

  *unpack({ named, rows }: PackedRows): Generator<TelemetryRow> {
    this.#segments.push(...named.segments);
    this.#results.push(...named.results);
    for (let at = 0; at < rows.length; at += FIELDS) {
      const segment = this.#segments[rows[at] ?? -1];
      const result = this.#results[rows[at + 1] ?? -1];
      if (!segment || !result) throw new Error("a row names a segment or result that was never told");
      const usSum = rows[at + 4] ?? Number.NaN;
      yield {
        segment,
        result,
        atMs: rows[at + 2] ?? 0,
        count: rows[at + 3] ?? 0,
        handshakeUsSum: Number.isNaN(usSum) ? null : usSum,
        timedCount: rows[at + 5] ?? 0,
      };
    }
  }
}

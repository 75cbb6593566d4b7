import type { WireRollup } from "../../lib/contract/rollup.ts";
import type { Handshake, Result, Segment } from "../../lib/domain/handshake.ts";
import type { Cell } from "../../lib/store/port.ts";
import { Fold, type FoldedRow } from "../pipeline/fold.ts";

/** Folds the handshakes of one source into rollup rows. Its numbers for segments live until the next `take`. */
export class LocalFold {
  #segments = new Numbers<Segment>();
  #results = new Numbers<Result>();
  readonly #fold: Fold;

  constructor() {
    this.#fold = new Fold({
      internResult: ({ outcome, offer, mechanism, reason, earlyData, earlyDataReason }) =>
        this.#results.of({ outcome, offer, mechanism, reason, earlyData, earlyDataReason }),
    });
  }

  /** Rows that `take` would answer. */
  get size(): number {
    return this.#fold.size;
  }

  add(handshake: Handshake): void {
    const { endpoint, node, region, family, protocol } = handshake;
    this.#fold.add(handshake, this.#segments.of({ endpoint, node, region, family, protocol }));
  }

  /** Adds what was folded before. */
  addRow(row: FoldedRow): void {
    const { endpoint, node, region, family, protocol } = row;
    this.#fold.addRow(row, this.#segments.of({ endpoint, node, region, family, protocol }));
  }

  take(): WireRollup[] {
    const rows = this.#fold.take().map((cell) => this.#row(cell));
    this.#segments = new Numbers();
    this.#results = new Numbers();
    return rows;
  }

  #row({ bucketStartMs, segmentId, resultId, count, handshakeUs, ttfbUs, ticketAgeS }: Cell): WireRollup {
    return {
      bucketStartMs,
      ...this.#segments.at(segmentId),
      ...this.#results.at(resultId),
      count,
      handshakeUs: base64(handshakeUs),
      ttfbUs: base64(ttfbUs),
      ticketAgeS: base64(ticketAgeS),
    };
  }
}

/** Small numbers for equal things, from 0. */
class Numbers<T extends object> {
  readonly #things: T[] = [];
  readonly #numbers = new Map<string, number>();

  of(thing: T): number {
    // Control characters part the fields; "\u0002" is null, so that null and "" differ.
    const key = Object.values(thing)
      .map((value) => value ?? "\u0002")
      .join("\u0001");
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#things.push(thing) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  at(number: number): T {
    const thing = this.#things[number];
    if (thing === undefined) throw new RangeError(`number ${number} was not given out`);
    return thing;
  }
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

import type { Handshake } from "../../lib/domain/handshake.ts";

/** Fields that are bare numbers, in the order in which they lie. */
export const NUMBER_FIELDS = ["atMs", "handshakeUs", "ttfbUs", "ticketAgeS", "count"] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];
const STRIDE = NUMBER_FIELDS.length;
/** Where `count` lies among them. */
export const COUNT_FIELD = 4;
/** Stands for null: no number that a handshake tells is below zero. */
export const UNKNOWN_NUMBER = -1;
const NO_ID = -1;
const FIRST_ROOM = 64;

/** Handshakes that differ in their numbers only, by the numbers that they have in the store. */
export class Patterns {
  readonly handshakes: Handshake[] = [];
  readonly segmentIds: Int32Array;
  readonly resultIds: Int32Array;
  /** 1 where the segment is the one that stands for all beyond a source's cap. */
  readonly overflowing: Uint8Array;
  /** 1 where single handshakes of it are worth a look: an offer was refused for a reason, or early data was sent. */
  readonly remarkable: Uint8Array;

  constructor(most: number) {
    this.segmentIds = new Int32Array(most).fill(NO_ID);
    this.resultIds = new Int32Array(most).fill(NO_ID);
    this.overflowing = new Uint8Array(most);
    this.remarkable = new Uint8Array(most);
  }

  /** Adds one; answers its number. */
  add(handshake: Handshake): number {
    const { reason, earlyData } = handshake;
    const id = this.handshakes.push(handshake) - 1;
    this.remarkable[id] = reason !== null || (earlyData !== null && earlyData !== "none") ? 1 : 0;
    return id;
  }
}

/** Handshakes of one push as patterns and numbers: a tenth of what objects cost where lines differ in little else. */
export class PlainHandshakes {
  /** Those that the push began with: once they are full, others take their place for the next. */
  patterns: Patterns | null = null;
  length = 0;
  #ids = new Int32Array(0);
  #numbers = new Float64Array(0);

  /** Adds one of `patterns`; answers where its numbers lie, all of them unknown yet, and one handshake. */
  add(patterns: Patterns, id: number): number {
    this.patterns ??= patterns;
    if (this.length === this.#ids.length) this.#grow();
    this.#ids[this.length] = id;
    const at = this.length * STRIDE;
    this.#numbers.fill(UNKNOWN_NUMBER, at, at + COUNT_FIELD);
    this.#numbers[at + COUNT_FIELD] = 1;
    this.length += 1;
    return at;
  }

  /** Takes the last one back. */
  drop(): void {
    this.length -= 1;
  }

  set(at: number, value: number): void {
    this.#numbers[at] = value;
  }

  idAt(index: number): number {
    return this.#ids[index] as number;
  }

  /** A number of one; UNKNOWN_NUMBER where it does not tell. */
  numberAt(index: number, field: number): number {
    return this.#numbers[index * STRIDE + field] as number;
  }

  /** One as an object of its own. */
  at(index: number): Handshake {
    const [atMs, handshakeUs, ttfbUs, ticketAgeS, count] = NUMBER_FIELDS.map((_, field) =>
      this.numberAt(index, field),
    ) as [number, number, number, number, number];
    const pattern = this.patterns?.handshakes[this.idAt(index)] as Handshake;
    return {
      ...{ ...pattern, atMs, count },
      ...{ handshakeUs: known(handshakeUs), ttfbUs: known(ttfbUs), ticketAgeS: known(ticketAgeS) },
    };
  }

  /** When the newest of them happened; null where there are none. Epoch milliseconds. */
  get newestMs(): number | null {
    const index = this.#newest();
    return index === null ? null : this.numberAt(index, 0);
  }

  /** The newest; null where there are none. */
  newest(): Handshake | null {
    const index = this.#newest();
    return index === null ? null : this.at(index);
  }

  #newest(): number | null {
    let [found, lastMs]: [number | null, number] = [null, Number.NEGATIVE_INFINITY];
    for (let index = 0; index < this.length; index += 1) {
      const atMs = this.numberAt(index, 0);
      if (atMs > lastMs) [found, lastMs] = [index, atMs];
    }
    return found;
  }

  #grow(): void {
    const room = Math.max(FIRST_ROOM, this.#ids.length * 2);
    const [ids, numbers] = [new Int32Array(room), new Float64Array(room * STRIDE)];
    ids.set(this.#ids);
    numbers.set(this.#numbers);
    [this.#ids, this.#numbers] = [ids, numbers];
  }
}

const known = (value: number): number | null => (value === UNKNOWN_NUMBER ? null : value);

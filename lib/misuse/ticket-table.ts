/** Tickets that share a set; the one seen longest ago gives way. */
const WAYS = 4;
const BYTES = 8 * 4 + 3 * 2;
/** Nobody is followed for longer: as far as a day's hash reaches, without a cut at midnight. Seconds. */
export const FORGET_S = 86_400;

/**
 * What is remembered of every ticket, in columns of fixed size (38 bytes a ticket): when a set is full, the ticket that
 * was seen longest ago is forgotten, so that millions of tickets take no more room than `capacity`.
 */
export class TicketTable {
  readonly capacity: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #firstS: Uint32Array;
  readonly #lastS: Uint32Array;
  /** Of the first sight: network, family and endpoint (hashes; 0 = not known). */
  readonly network: Uint32Array;
  readonly family: Uint32Array;
  readonly endpoint: Uint32Array;
  readonly seen: Uint16Array;
  readonly accepted: Uint16Array;
  /** Early data accepted: how often, and on which node first. */
  readonly early: Uint16Array;
  readonly earlyNode: Uint32Array;
  /** Whether the last `find` made the ticket anew. */
  fresh = false;
  /** Tickets that gave way to others before their day was over. */
  forgotten = 0;

  /** `capacity`: tickets, rounded up to a power of two. */
  constructor(capacity: number) {
    this.capacity = Math.max(WAYS, 2 ** Math.ceil(Math.log2(Math.max(1, capacity))));
    const numbers = (): Uint32Array => new Uint32Array(this.capacity);
    const small = (): Uint16Array => new Uint16Array(this.capacity);
    [this.#high, this.#low, this.#firstS, this.#lastS] = [numbers(), numbers(), numbers(), numbers()];
    [this.network, this.family] = [numbers(), numbers()];
    [this.endpoint, this.earlyNode] = [numbers(), numbers()];
    [this.seen, this.accepted, this.early] = [small(), small(), small()];
  }

  /** Bytes that the table takes when it is full. */
  get bytes(): number {
    return this.capacity * BYTES;
  }

  /** The slot of a ticket, by the two halves of its hash, at a second of epoch time. */
  find(high: number, low: number, atS: number): number {
    const first = (high & (this.capacity / WAYS - 1)) * WAYS;
    let oldest = first;
    for (let slot = first; slot < first + WAYS; slot += 1) {
      if (this.#high[slot] === high && this.#low[slot] === low && this.#lastS[slot] !== 0) {
        if (atS - (this.#firstS[slot] as number) >= FORGET_S) return this.#begin(slot, high, low, atS);
        this.fresh = false;
        this.#lastS[slot] = Math.max(this.#lastS[slot] as number, atS);
        return slot;
      }
      if ((this.#lastS[slot] as number) < (this.#lastS[oldest] as number)) oldest = slot;
    }
    const lastS = this.#lastS[oldest] as number;
    if (lastS !== 0 && atS - (this.#firstS[oldest] as number) < FORGET_S) this.forgotten += 1;
    return this.#begin(oldest, high, low, atS);
  }

  #begin(slot: number, high: number, low: number, atS: number): number {
    this.fresh = true;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#firstS[slot] = this.#lastS[slot] = atS;
    for (const column of [this.network, this.family, this.endpoint, this.earlyNode]) column[slot] = 0;
    for (const column of [this.seen, this.accepted, this.early]) column[slot] = 0;
    return slot;
  }
}

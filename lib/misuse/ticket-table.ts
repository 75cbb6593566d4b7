/** Tickets that share a set; the one seen longest ago gives way. */
const WAYS = 4;
/** Nobody is followed for longer: as far as a day's hash reaches, without a cut at midnight. Seconds. */
export const FORGET_S = 86_400;

/** Where a row keeps what: a row is one stretch of memory, since rows are met at random. */
const HIGH = 0;
const LOW = 1;
const FIRST_S = 2;
const LAST_S = 3;
/** Of the first sight: network, family and endpoint (hashes; 0 = not known). */
export const NETWORK = 4;
export const FAMILY = 5;
export const ENDPOINT = 6;
/** How often it was offered, accepted, and accepted with early data; and the node where the latter was first. */
export const SEEN = 7;
export const ACCEPTED = 8;
export const EARLY = 9;
export const EARLY_NODE = 10;
const STRIDE = 11;

/**
 * What is remembered of every ticket, in rows of a fixed table (44 bytes a ticket): when a set is full, the ticket that was
 * seen longest ago is forgotten, so that millions of tickets take no more room than `capacity`.
 */
export class TicketTable {
  readonly capacity: number;
  readonly #rows: Uint32Array;
  /** Whether the last `find` made the ticket anew. */
  fresh = false;
  /** Tickets that gave way to others before their day was over. */
  forgotten = 0;

  /** `capacity`: tickets, rounded up to a power of two. */
  constructor(capacity: number) {
    this.capacity = Math.max(WAYS, 2 ** Math.ceil(Math.log2(Math.max(1, capacity))));
    this.#rows = new Uint32Array(this.capacity * STRIDE);
  }

  /** Bytes that the table takes when it is full. */
  get bytes(): number {
    return this.#rows.byteLength;
  }

  /** The row of a ticket, by the two halves of its hash, at a second of epoch time. */
  find(high: number, low: number, atS: number): number {
    const rows = this.#rows;
    const first = (high & (this.capacity / WAYS - 1)) * WAYS * STRIDE;
    let oldest = first;
    for (let row = first; row < first + WAYS * STRIDE; row += STRIDE) {
      if (rows[row + HIGH] === high && rows[row + LOW] === low && rows[row + LAST_S] !== 0) {
        if (atS - (rows[row + FIRST_S] as number) >= FORGET_S) return this.#begin(row, high, low, atS);
        this.fresh = false;
        rows[row + LAST_S] = Math.max(rows[row + LAST_S] as number, atS);
        return row;
      }
      if ((rows[row + LAST_S] as number) < (rows[oldest + LAST_S] as number)) oldest = row;
    }
    if (rows[oldest + LAST_S] !== 0 && atS - (rows[oldest + FIRST_S] as number) < FORGET_S)
      this.forgotten += 1;
    return this.#begin(oldest, high, low, atS);
  }

  get(row: number, field: number): number {
    return this.#rows[row + field] as number;
  }

  set(row: number, field: number, value: number): void {
    this.#rows[row + field] = value;
  }

  /** Counts one more, and answers how many there are then. */
  count(row: number, field: number): number {
    const value = this.get(row, field) + 1;
    this.#rows[row + field] = value;
    return value;
  }

  #begin(row: number, high: number, low: number, atS: number): number {
    this.fresh = true;
    this.#rows.fill(0, row, row + STRIDE);
    this.#rows[row + HIGH] = high;
    this.#rows[row + LOW] = low;
    this.#rows[row + FIRST_S] = atS;
    this.#rows[row + LAST_S] = atS;
    return row;
  }
}

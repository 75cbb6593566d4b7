/**
 * Sketches for counting what is too much to keep: their size is fixed, whatever comes. Keys are whole numbers below 2^32
 * that are spread evenly (keyed hashes).
 */

/** Odd multipliers: one row's slots say nothing about another's. */
const ROW_FACTORS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

/**
 * Counts by key (Cormode and Muthukrishnan 2005) with conservative update (Estan and Varghese 2002): never too small, too
 * large by collisions only. `width` is a power of two.
 */
export class CountMin {
  readonly #rows: readonly Uint32Array[];
  readonly #shift: number;

  constructor(width: number) {
    this.#rows = ROW_FACTORS.map(() => new Uint32Array(width));
    this.#shift = 32 - Math.log2(width);
  }

  /** Adds to a key's count and answers what it is now, at most. */
  add(key: number, weight = 1): number {
    const next = this.estimate(key) + weight;
    for (let row = 0; row < ROW_FACTORS.length; row += 1) {
      const counts = this.#rows[row] as Uint32Array;
      const slot = this.#slot(key, row);
      if ((counts[slot] as number) < next) counts[slot] = next;
    }
    return next;
  }

  estimate(key: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < ROW_FACTORS.length; row += 1)
      least = Math.min(least, (this.#rows[row] as Uint32Array)[this.#slot(key, row)] as number);
    return least;
  }

  clear(): void {
    for (const counts of this.#rows) counts.fill(0);
  }

  #slot(key: number, row: number): number {
    return Math.imul(key ^ (key >>> 15), ROW_FACTORS[row] as number) >>> this.#shift;
  }
}

/** Slots of one Distinct, as a power of two, and the constant of its size (Flajolet et al. 2007). */
const SLOT_BITS = 9;
const SLOTS = 2 ** SLOT_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / SLOTS);

/**
 * How many distinct keys came (HyperLogLog, Flajolet et al. 2007; linear counting while there are few): 512 bytes,
 * standard error 4.6 %.
 */
export class Distinct {
  readonly #ranks = new Uint8Array(SLOTS);

  add(key: number): void {
    const slot = key >>> (32 - SLOT_BITS);
    const rank = Math.min(32 - SLOT_BITS, Math.clz32((key << SLOT_BITS) >>> 0)) + 1;
    if (rank > (this.#ranks[slot] as number)) this.#ranks[slot] = rank;
  }

  /** Estimated number of distinct keys, whole. */
  count(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.#ranks) {
      sum += 2 ** -rank;
      if (rank === 0) empty += 1;
    }
    const raw = (ALPHA * SLOTS * SLOTS) / sum;
    if (raw <= 2.5 * SLOTS && empty > 0) return Math.round(SLOTS * Math.log(SLOTS / empty));
    // Hashes of 32 bits collide once there are very many.
    return Math.round(raw <= 2 ** 32 / 30 ? raw : -(2 ** 32) * Math.log(1 - raw / 2 ** 32));
  }
}

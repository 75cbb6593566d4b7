/** No slot: the end of the chain. */
const NONE = -1;
const FIRST_SLOTS = 64;

/** Largest capacity that any Lru made from now on may have, whatever it asks for. */
let largest = Number.POSITIVE_INFINITY;

/** Bounds every Lru that this process makes from now on: a small process (the agent) remembers less than a collector. */
export function limitLrus(entries: number): void {
  largest = entries;
}

/**
 * A map that forgets what was used longest ago once it holds `capacity` entries. Order is kept in a chain of slots: the
 * first key of a Map is slow to find once many before it have been deleted.
 */
export class Lru<K, V> {
  readonly #capacity: number;
  readonly #slots = new Map<K, number>();
  readonly #keys: (K | undefined)[] = [];
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];
  #older = new Int32Array(FIRST_SLOTS);
  #newer = new Int32Array(FIRST_SLOTS);
  #oldest = NONE;
  #newest = NONE;

  constructor(capacity: number) {
    this.#capacity = Math.min(capacity, largest);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The value, now the freshest; undefined when it is not there. */
  get(key: K): V | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (slot !== this.#newest) {
      this.#unlink(slot);
      this.#link(slot);
    }
    return this.#values[slot];
  }

  /** Sets a value as the freshest; answers what had to go for it, if anything. */
  set(key: K, value: V): V | undefined {
    const known = this.#slots.get(key);
    if (known !== undefined) {
      this.#values[known] = value;
      this.#unlink(known);
      this.#link(known);
      return undefined;
    }
    const gone = this.#slots.size >= this.#capacity ? this.#remove(this.#oldest) : undefined;
    const slot = this.#free.pop() ?? this.#grow();
    this.#keys[slot] = key;
    this.#values[slot] = value;
    this.#slots.set(key, slot);
    this.#link(slot);
    return gone;
  }

  delete(key: K): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#remove(slot);
  }

  /** Values, those used longest ago first. */
  *values(): IterableIterator<V> {
    for (let slot = this.#oldest; slot !== NONE; slot = this.#newer[slot] ?? NONE)
      yield this.#values[slot] as V;
  }

  #remove(slot: number): V | undefined {
    if (slot === NONE) return undefined;
    const value = this.#values[slot];
    this.#slots.delete(this.#keys[slot] as K);
    this.#keys[slot] = undefined;
    this.#values[slot] = undefined;
    this.#unlink(slot);
    this.#free.push(slot);
    return value;
  }

  #link(slot: number): void {
    this.#older[slot] = this.#newest;
    this.#newer[slot] = NONE;
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot] ?? NONE;
    const newer = this.#newer[slot] ?? NONE;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }

  #grow(): number {
    const slot = this.#keys.length;
    if (slot === this.#older.length) {
      this.#older = twice(this.#older);
      this.#newer = twice(this.#newer);
    }
    return slot;
  }
}

function twice(slots: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(slots.length * 2);
  larger.set(slots);
  return larger;
}

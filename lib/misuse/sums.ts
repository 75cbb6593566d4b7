import { OVERFLOW_NAME } from "../domain/vocabulary.ts";

/**
 * Values by name, made on first use; once there are `most`, every further name shares one value. Names are the senders', so
 * their number is bounded.
 */
export class Places<V> {
  readonly #values = new Map<string, V>();
  readonly #most: number;
  readonly #make: (name: string) => V;

  constructor(most: number, make: (name: string) => V) {
    this.#most = most;
    this.#make = make;
  }

  get size(): number {
    return this.#values.size;
  }

  of(name: string): V {
    const known = this.#values.get(name);
    if (known) return known;
    const key = this.#values.size < this.#most ? name : OVERFLOW_NAME;
    const value = this.#values.get(key) ?? this.#make(key);
    this.#values.set(key, value);
    return value;
  }

  /** Makes room where it may run short: forgets what is idle, as names that a hostile sender made up soon are. */
  prune(isIdle: (value: V) => boolean): void {
    if (this.#values.size * 2 < this.#most) return;
    for (const [name, value] of this.#values) if (isIdle(value)) this.#values.delete(name);
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }
}

/** Reads a little-endian base-128 varint below 2^53, and moves past it. */
export function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let byte = bytes[cursor.at++] as number;
  if (byte < 128) return byte;
  let value = byte & 127;
  let factor = 128;
  do {
    byte = bytes[cursor.at++] as number;
    value += (byte & 127) * factor;
    factor *= 128;
  } while (byte > 127);
  return value;
}

/** Bytes that grow, with varints among them. */
export class Bytes {
  #held: Uint8Array;
  #length = 0;

  constructor(room = 1_024) {
    this.#held = new Uint8Array(room);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#held.length) this.#grow(1);
    this.#held[this.#length++] = value;
  }

  /** A whole number from 0 up to 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Their number and they. */
  bytes(more: Uint8Array): void {
    this.varint(more.length);
    if (this.#length + more.length > this.#held.length) this.#grow(more.length);
    this.#held.set(more, this.#length);
    this.#length += more.length;
  }

  /** What `write` adds, after how many bytes that are: fewer than 128 as a rule, for which nothing is moved. */
  measured(write: () => void): void {
    const start = this.#length;
    this.byte(0);
    write();
    const length = this.#length - start - 1;
    if (length < 128) {
      this.#held[start] = length;
      return;
    }
    const written = this.#held.slice(start + 1, this.#length);
    this.#length = start;
    this.bytes(written);
  }

  /** All of it: a view, which further writing may change. */
  taken(): Uint8Array {
    return this.#held.subarray(0, this.#length);
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.max(this.#held.length * 2, this.#length + least));
    grown.set(this.#held);
    this.#held = grown;
  }
}

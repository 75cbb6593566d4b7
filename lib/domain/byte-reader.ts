const NOTHING = new Uint8Array(0);

/** Reads big-endian fields of a message; beyond its end it answers zeros and remembers, so that nothing throws. */
export class ByteReader {
  at = 0;
  /** Whether more was asked for than there was. */
  broken = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** A whole number of one to four bytes. */
  number(size: 1 | 2 | 3 | 4): number {
    if (this.left < size) {
      this.broken = true;
      return 0;
    }
    let value = 0;
    for (let end = this.at + size; this.at < end; this.at += 1)
      value = value * 256 + (this.#bytes[this.at] ?? 0);
    return value;
  }

  /** The next bytes, not copied; none when there are too few. */
  bytes(length: number): Uint8Array {
    if (this.left < length) {
      this.broken = true;
      this.at = this.#bytes.length;
      return NOTHING;
    }
    const slice = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return slice;
  }
}

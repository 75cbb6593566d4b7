import { randomBytes } from "node:crypto";

/** Node's ticket key: 16 bytes of name, 16 of HMAC key, 16 of AES key. */
const KEY_BYTES = 48;
const NAME_BYTES = 16;

export const keyNameOf = (key: Buffer): string => key.toString("hex", 0, NAME_BYTES);

/** The STEKs of an endpoint: one that encrypts, and previous ones that still decrypt for a while. */
export class KeyRing {
  current: Buffer = randomBytes(KEY_BYTES);
  #previous: { readonly key: Buffer; readonly untilMs: number }[] = [];

  /** Makes a new current key; the old one still decrypts for `overlapMs` (0: not at all, nor do older ones). */
  rotate(nowMs: number, overlapMs: number): void {
    this.#previous =
      overlapMs === 0 ? [] : [...this.#previous, { key: this.current, untilMs: nowMs + overlapMs }];
    this.current = randomBytes(KEY_BYTES);
  }

  /** A loaded key by its name; null when no node of this ring can open such a ticket. */
  find(name: string, nowMs: number): Buffer | null {
    this.#previous = this.#previous.filter(({ untilMs }) => untilMs > nowMs);
    if (keyNameOf(this.current) === name) return this.current;
    return this.#previous.find(({ key }) => keyNameOf(key) === name)?.key ?? null;
  }
}

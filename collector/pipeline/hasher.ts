import { createHmac } from "node:crypto";
import type { Handshake } from "../../lib/domain/handshake.ts";
import { Lru } from "../../lib/runtime/lru.ts";

const DAY_MS = 86_400_000;
/** 16 hex digits: 64 bits are enough to tell tickets apart and too few to be worth keeping. */
const DIGITS = 16;
/** Key names whose hashes are remembered: the same few come with every commit. */
const KNOWN_NAMES = 4_096;

/**
 * Replaces identifiers by keyed hashes (HMAC-SHA256). Tickets and clients use a key that changes every UTC day, so they
 * cannot be followed for longer; key names keep theirs, since a STEK's history is what is looked at.
 */
export class Hasher {
  readonly #secret: Buffer;
  #day = -1;
  #dayKey: Buffer = Buffer.alloc(0);
  readonly #keyNames = new Lru<string, string>(KNOWN_NAMES);

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  hashIdentifiers(handshake: Handshake): Handshake {
    const { keyName, ticketId, client } = handshake;
    if (keyName === null && ticketId === null && client === null) return handshake;
    const daily = this.#dailyKey(handshake.atMs);
    return {
      ...handshake,
      keyName: keyName === null ? null : this.hashKeyName(keyName),
      ticketId: ticketId === null ? null : hash(daily, `ticket\u0000${ticketId}`),
      client: client === null ? null : hash(daily, `client\u0000${client}`),
    };
  }

  /** The hash by which a key is known, from whichever source its public name came. */
  hashKeyName(keyName: string): string {
    const known = this.#keyNames.get(keyName);
    if (known !== undefined) return known;
    const made = hash(this.#secret, `key\u0000${keyName}`);
    this.#keyNames.set(keyName, made);
    return made;
  }

  #dailyKey(atMs: number): Buffer {
    const day = Math.floor(atMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayKey = createHmac("sha256", this.#secret).update(`day ${day}`).digest();
    }
    return this.#dayKey;
  }
}

function hash(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex").slice(0, DIGITS);
}

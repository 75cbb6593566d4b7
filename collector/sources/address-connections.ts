import { Lru } from "../../lib/runtime/lru.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;

type Seen = { readonly flags: string; firstMs: number; lastMs: number };

/** One request of a log without connection ids. */
export type AddressedRequest = {
  /** Client address with its port; like the flags a bounded text (keyOf). */
  readonly address: string;
  /** What stays the same on one connection (TLS version, cipher, HTTP version, …). */
  readonly flags: string;
  readonly startMs: number;
  readonly endMs: number;
};

/**
 * Reduces requests to connections where the log has no connection id: equal address and flags are one connection, as
 * long as no pause is longer than the server keeps an idle one. A client that uses a port again at once, with equal
 * flags, cannot be told apart.
 */
export class AddressConnections {
  readonly #seen = new Lru<string, Seen>(MAX_CONNECTIONS);
  readonly #idleMs: number;

  /** `idleMs`: how long the server keeps a connection without requests. */
  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Whether the request belongs to a connection that was seen before. Requests may come in any order (HTTP/2). */
  isRepeat({ address, flags, startMs, endMs }: AddressedRequest): boolean {
    const seen = this.#seen.get(address);
    const near = seen && startMs - seen.lastMs <= this.#idleMs && seen.firstMs - endMs <= this.#idleMs;
    if (!near || seen.flags !== flags) {
      this.#seen.set(address, { flags, firstMs: startMs, lastMs: endMs });
      return false;
    }
    seen.firstMs = Math.min(seen.firstMs, startMs);
    seen.lastMs = Math.max(seen.lastMs, endMs);
    return true;
  }
}

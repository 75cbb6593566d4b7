import { isIPv6 } from "node:net";
import type { Clock } from "./clock.ts";
import { Lru } from "./lru.ts";

const MINUTE_MS = 60_000;
/** Senders remembered; the one not heard from for longest is forgotten, and begins anew. */
const MAX_SENDERS = 10_000;

type Purse = { left: number; atMs: number };

/**
 * Lets so much through a minute for each key: saved up for a minute at most, and what one request took beyond is waited
 * for (a token bucket that may go into debt once). With 0 there is no limit.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  readonly #purses = new Lru<string, Purse>(MAX_SENDERS);

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Seconds to wait before anything more is let through; null when it may be now. */
  waitS(key: string): number | null {
    if (this.#perMinute === 0) return null;
    const { left } = this.#purse(key);
    if (left > 0) return null;
    return Math.max(1, Math.ceil(((1 - left) / this.#perMinute) * (MINUTE_MS / 1_000)));
  }

  /** Takes an amount out, more than there is too. */
  take(key: string, amount: number): void {
    if (this.#perMinute > 0) this.#purse(key).left -= amount;
  }

  #purse(key: string): Purse {
    const nowMs = this.#clock();
    const purse = this.#purses.get(key) ?? { left: this.#perMinute, atMs: nowMs };
    // A clock that is set back gives nothing, and takes nothing.
    const passedMs = Math.max(0, nowMs - purse.atMs);
    purse.left = Math.min(this.#perMinute, purse.left + (passedMs / MINUTE_MS) * this.#perMinute);
    purse.atMs = nowMs;
    this.#purses.set(key, purse);
    return purse;
  }
}

/** Whom an address stands for: an IPv6 sender has 2^64 of them, so its network does. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => "0"), ...right].slice(0, 4).join(":");
}

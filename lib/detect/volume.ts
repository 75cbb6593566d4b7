import { weightedMedian } from "../stats/robust.ts";
import { HOUR_MS, type Mask } from "./time.ts";

/** Hours kept. */
const HOURS = 240;
/** The level follows with this half-life, hours; downwards, with every node reporting, faster: no surge hides there. */
const HALF_LIFE_H = 4;
const HALF_LIFE_DOWN_H = 1;
/** What an hour of the same weekday weighs, against one of another. */
const SAME_WEEKDAY = 5;
/** A departure of the volume is not followed for so long; after that it is how things are. */
const HOLD_MS = 12 * HOUR_MS;
/** Half-life of the smoothed departure. */
const SMOOTH_MS = HOUR_MS / 2;
const LEAST_SPREAD = 0.03;

/**
 * How many handshakes a class of traffic usually has: the median by hour of day times a level that follows slowly, and holds
 * while the volume departs. It tells a surge (more handshakes, as many resumed as ever) from a fault (DOMAIN FM-24, FM-25).
 */
export class Volume {
  readonly #ids = new Int32Array(HOURS).fill(-1);
  readonly #counts = new Float64Array(HOURS);
  #profile: (number | null)[] = Array.from({ length: 24 }, () => null);
  #level = 0;
  #variance = 0.1 ** 2;
  #heldSinceMs: number | null = null;
  #known = false;
  /** Departure of the last hour or so, logarithm. */
  #smooth = 0;

  add(atMs: number, count: number): void {
    const hour = Math.floor(atMs / HOUR_MS);
    const slot = hour % HOURS;
    if ((this.#ids[slot] ?? -1) > hour) return;
    if (this.#ids[slot] !== hour) {
      this.#ids[slot] = hour;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Learns the pattern of the day to come anew, without masked hours. Called once an hour. */
  refit(nowMs: number, mask: Mask): void {
    const now = Math.floor(nowMs / HOUR_MS);
    const values: number[][] = Array.from({ length: 24 }, () => []);
    const weights: number[][] = Array.from({ length: 24 }, () => []);
    for (let slot = 0; slot < HOURS; slot += 1) {
      const hour = this.#ids[slot] ?? -1;
      if (hour < 0 || hour >= now || hour <= now - HOURS) continue;
      if (mask.covers(hour * HOUR_MS, (hour + 1) * HOUR_MS)) continue;
      // The time of this hour of day that is nearest to now: hours just gone are still asked for.
      const nearest = now - 12 + ((((hour - now + 12) % 24) + 24) % 24);
      values[hour % 24]?.push(this.#counts[slot] ?? 0);
      weights[hour % 24]?.push((nearest - hour) % 168 === 0 && nearest !== hour ? SAME_WEEKDAY : 1);
    }
    const before = this.#profile;
    this.#profile = values.map((counts, i) => weightedMedian(counts, weights[i] ?? []) ?? before[i] ?? null);
    this.#known = this.#profile.every((value) => value !== null);
  }

  /** Usual count in a bucket of `lengthMs` at a moment; null before a whole day was seen. */
  usual(atMs: number, lengthMs: number): number | null {
    if (!this.#known) return null;
    const position = ((atMs + lengthMs / 2) / HOUR_MS) % 24;
    const from = Math.floor(position + 23.5) % 24;
    const part = (position + 23.5) % 1;
    const perHour = (this.#profile[from] ?? 0) * (1 - part) + (this.#profile[(from + 1) % 24] ?? 0) * part;
    return (perHour * lengthMs * Math.exp(this.#level)) / HOUR_MS;
  }

  /** Usual count of the buckets from `fromMs` until before `toMs`; 0 before a day was seen. */
  usualBetween(fromMs: number, toMs: number, bucketMs: number): number {
    let sum = 0;
    for (let atMs = fromMs; atMs < toMs; atMs += bucketMs) sum += this.usual(atMs, bucketMs) ?? 0;
    return sum;
  }

  /** Follows what was seen in a bucket, unless that departs. `complete`: every node that usually reports did. */
  learn(atMs: number, lengthMs: number, count: number, complete: boolean): void {
    const usual = this.usual(atMs, lengthMs);
    if (usual === null || usual <= 0 || count <= 0) return;
    const ratio = Math.log(count / usual);
    const noise = this.#variance + 1 / usual;
    // Few handshakes hide a surge in one bucket, but not in an hour of them.
    const part = 1 - 0.5 ** (lengthMs / SMOOTH_MS);
    this.#smooth += part * (ratio - this.#smooth);
    const smoothNoise = this.#variance + part / (2 - part) / usual;
    const departs = ratio * ratio > 9 * noise || this.#smooth ** 2 > 9 * smoothNoise;
    const less = departs && ratio < 0 && complete;
    if (!departs || less) this.#heldSinceMs = null;
    else {
      this.#heldSinceMs ??= atMs;
      if (atMs - this.#heldSinceMs < HOLD_MS) return;
    }
    const step = 1 - 0.5 ** (lengthMs / ((less ? HALF_LIFE_DOWN_H : HALF_LIFE_H) * HOUR_MS));
    this.#level += step * ratio;
    if (less) return;
    const slow = step / 12;
    this.#variance =
      (1 - slow) * this.#variance + slow * Math.min(0.09, Math.max(0, ratio * ratio - 1 / usual));
  }

  /** Relative spread of counts about the usual, beyond sampling. */
  get spread(): number {
    return Math.max(LEAST_SPREAD, Math.sqrt(this.#variance));
  }
}

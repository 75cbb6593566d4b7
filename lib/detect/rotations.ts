import { median, robustSpread } from "../stats/robust.ts";
import { MINUTE_MS } from "./time.ts";
import type { DetectorChange, KeyReading } from "./types.ts";

/** Rotations remembered per key group. */
const MOST = 64;
/** Two tellings of a rotation this close are one. */
const SAME_MS = 3 * MINUTE_MS;
/** A rotation that is later than this is overdue, however exact it used to be. */
const LEAST_GRACE_MS = 30 * MINUTE_MS;
/** Intervals that have to agree before a schedule is believed. */
const LEAST_INTERVALS = 3;

export type Overdue = {
  readonly keyGroup: string;
  readonly dueMs: number;
  readonly lastMs: number;
  readonly endpoints: string[];
};

type Clock = { timesMs: number[]; endpoints: Set<string> };

/** When ticket keys were rotated, by key group, from recorded changes and from keys that were seen. */
export class Rotations {
  readonly #clocks = new Map<string, Clock>();
  readonly #byEndpoint = new Map<string, Clock>();
  /** Names of keys seen by group, youngest last. */
  readonly #keys = new Map<string, string[]>();

  change(change: DetectorChange): void {
    if (change.kind !== "key_rotation" || change.nodes !== null) return;
    const name = change.keyGroup ?? (change.endpoints ?? ["*"]).join("\u0000");
    const clock = this.#clock(name);
    for (const endpoint of change.endpoints ?? []) {
      clock.endpoints.add(endpoint);
      this.#byEndpoint.set(endpoint, clock);
    }
    this.#turned(clock, change.atMs);
  }

  /** A key that no node of its group has shown before is a rotation, if one was seen before it. */
  reading({ keyGroup, keyName, atMs }: KeyReading): void {
    const seen = this.#keys.get(keyGroup) ?? [];
    if (seen.includes(keyName)) return;
    this.#keys.set(keyGroup, [...seen.slice(-7), keyName]);
    const clock = this.#clocks.get(keyGroup);
    // Readings are hourly and of many nodes: they tell only where no change told already.
    if (!clock || seen.length === 0) return;
    const newest = clock.timesMs.at(-1) ?? 0;
    if (atMs - newest > 2 * 60 * MINUTE_MS) this.#turned(clock, atMs);
  }

  #clock(name: string): Clock {
    let clock = this.#clocks.get(name);
    if (!clock) {
      clock = { timesMs: [], endpoints: new Set() };
      this.#clocks.set(name, clock);
    }
    return clock;
  }

  #turned(clock: Clock, atMs: number): void {
    if (atMs - (clock.timesMs.at(-1) ?? Number.NEGATIVE_INFINITY) < SAME_MS) return;
    clock.timesMs.push(atMs);
    if (clock.timesMs.length > MOST) clock.timesMs.shift();
  }

  /** The key group of an endpoint; null where no rotation told of one. */
  groupOf(endpoint: string): string | null {
    const clock = this.#byEndpoint.get(endpoint);
    for (const [name, other] of this.#clocks) if (other === clock) return name;
    return null;
  }

  /** Time since the last rotation before a moment; null where none is known. */
  sinceMs(endpoint: string, atMs: number): number | null {
    const times = this.#byEndpoint.get(endpoint)?.timesMs ?? [];
    for (let i = times.length - 1; i >= 0; i -= 1) {
      const time = times[i] ?? 0;
      if (time <= atMs) return atMs - time;
    }
    return null;
  }

  /** Key groups whose rotation, regular so far, has not come (DOMAIN FM-05). */
  overdue(nowMs: number): Overdue[] {
    const late: Overdue[] = [];
    for (const [keyGroup, clock] of this.#clocks) {
      const intervals = clock.timesMs.slice(1).map((time, i) => time - (clock.timesMs[i] ?? time));
      const usual = intervals.length < LEAST_INTERVALS ? null : median(intervals);
      const lastMs = clock.timesMs.at(-1);
      if (usual === null || lastMs === undefined) continue;
      const grace = Math.max(LEAST_GRACE_MS, 0.03 * usual, 5 * (robustSpread(intervals) ?? 0));
      const dueMs = lastMs + usual;
      if (nowMs > dueMs + grace) late.push({ keyGroup, dueMs, lastMs, endpoints: [...clock.endpoints] });
    }
    return late;
  }
}

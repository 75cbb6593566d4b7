import { robustLevel } from "../stats/robust.ts";
import { dayProfile, PhaseProfile } from "./profile.ts";
import { STREAMS } from "./streams.ts";
import { HOUR_MS, type Mask } from "./time.ts";
import type { SignalFamily } from "./types.ts";

/** Hours kept: ten days, so that a week stays when a day of it is masked. */
const HOURS = 240;
/** Weight of an hour halves in this many hours: slow drift is followed, a leak over a day is not. */
const HALF_LIFE_H = 96;
/** The youngest hours stay out of the level: what happens now shall not explain itself. */
const LEAVE_OUT_H = 6;
const LEAST_HOURS = 6;
const S = STREAMS.length;

/** Which families' masks apply. */
export type Masks = ReadonlyMap<SignalFamily, Mask>;

/**
 * What is usual for one class of traffic (endpoint × family × protocol), all nodes together: a slow level, an hour-of-day
 * pattern and the saw-tooth of key rotations for every stream, learned from sums per hour.
 */
export class Baseline {
  readonly #hourIds = new Int32Array(HOURS).fill(-1);
  readonly #over = new Float64Array(HOURS * S);
  readonly #under = new Float64Array(HOURS * S);
  readonly #level: (number | null)[] = STREAMS.map(() => null);
  readonly #day: Float64Array[] = STREAMS.map(() => new Float64Array(24));
  readonly #phases: PhaseProfile[] = STREAMS.map(() => new PhaseProfile());

  /** Adds a bucket's sums to its hour. Late ones go to their own hour, or nowhere when that is forgotten. */
  add(atMs: number, features: Float64Array): void {
    const hour = Math.floor(atMs / HOUR_MS);
    const slot = hour % HOURS;
    if ((this.#hourIds[slot] ?? -1) > hour) return;
    if (this.#hourIds[slot] !== hour) {
      this.#hourIds[slot] = hour;
      this.#over.fill(0, slot * S, slot * S + S);
      this.#under.fill(0, slot * S, slot * S + S);
    }
    for (let s = 0; s < S; s += 1) {
      const stream = STREAMS[s];
      if (!stream) continue;
      const at = slot * S + s;
      this.#over[at] = (this.#over[at] ?? 0) + (features[stream.over] ?? 0);
      this.#under[at] = (this.#under[at] ?? 0) + (features[stream.under] ?? 0);
    }
  }

  /** Learns anew from the hours before `nowMs` that no mask covers. Called once an hour. */
  refit(nowMs: number, masks: Masks): void {
    const now = Math.floor(nowMs / HOUR_MS);
    for (let s = 0; s < S; s += 1) this.#refitStream(s, now, masks.get(STREAMS[s]?.family ?? "resumption"));
  }

  #refitStream(s: number, now: number, mask: Mask | undefined): void {
    const values: number[] = [];
    const weights: number[] = [];
    const hours: number[] = [];
    const old = this.#oldest() <= now - 4 * LEAVE_OUT_H;
    let over = 0;
    let under = 0;
    for (let slot = 0; slot < HOURS; slot += 1) {
      const hour = this.#hourIds[slot] ?? -1;
      const n = this.#under[slot * S + s] ?? 0;
      if (hour < 0 || hour >= now || n <= 0 || hour <= now - HOURS) continue;
      if (old && hour > now - LEAVE_OUT_H) continue;
      if (mask?.covers(hour * HOUR_MS, (hour + 1) * HOUR_MS)) continue;
      const weight = n * 0.5 ** ((now - hour) / HALF_LIFE_H);
      values.push((this.#over[slot * S + s] ?? 0) / n);
      weights.push(weight);
      hours.push(hour % 24);
      over += ((this.#over[slot * S + s] ?? 0) / n) * weight;
      under += weight;
    }
    if (values.length < LEAST_HOURS) return;
    // Rare things are 0 in most hours, so their robust level would be 0 too: a plain mean is right for them.
    const robust = robustLevel(values, weights);
    const level = robust && robust.spread > 0 ? robust.level : (over + 0.5 / values.length) / (under || 1);
    this.#level[s] = level;
    this.#day[s] = dayProfile(
      values.map((value) => value - level),
      hours,
      weights,
    );
  }

  /** Forgets what a family of signals used to do before a moment: from there on it is another usual. */
  forgetBefore(family: SignalFamily, ms: number): void {
    for (let slot = 0; slot < HOURS; slot += 1) {
      if ((this.#hourIds[slot] ?? -1) * HOUR_MS >= ms) continue;
      for (const [s, stream] of STREAMS.entries()) {
        if (stream.family !== family) continue;
        this.#over[slot * S + s] = 0;
        this.#under[slot * S + s] = 0;
      }
    }
  }

  #oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const hour of this.#hourIds) if (hour >= 0 && hour < oldest) oldest = hour;
    return oldest;
  }

  /** Usual value without the saw-tooth, at a moment; null before enough was learned. */
  usual(s: number, atMs: number): number | null {
    const level = this.#level[s];
    if (level === null || level === undefined) return null;
    const day = this.#day[s];
    const position = (atMs / HOUR_MS) % 24;
    const from = Math.floor(position + 23.5) % 24;
    const part = (position + 23.5) % 1;
    const pattern = (day?.[from] ?? 0) * (1 - part) + (day?.[(from + 1) % 24] ?? 0) * part;
    return level + pattern;
  }

  /** Usual value with the saw-tooth, within what a share or a mean can be. */
  expected(s: number, atMs: number, phase: number): number | null {
    const usual = this.usual(s, atMs);
    if (usual === null) return null;
    const value = usual + (this.#phases[s]?.at(phase) ?? 0);
    return STREAMS[s]?.measure === "mean" ? Math.max(1, value) : Math.min(1 - 1e-6, Math.max(1e-6, value));
  }

  /** Lets the saw-tooth learn from a bucket of usual times. */
  learnPhase(s: number, phase: number, sums: { over: number; under: number; usual: number }): void {
    this.#phases[s]?.add(phase, sums.over - sums.under * sums.usual, sums.under);
  }

  skipPhase(s: number): void {
    this.#phases[s]?.skip();
  }
}

import { patternShrinkage } from "../stats/robust.ts";
import { MINUTE_MS } from "./time.ts";

/** Ends of the phases after a key rotation, minutes: fine at first, since tickets under a dropped key die at once. */
const PHASE_ENDS_MIN = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440];
/** Rotations remembered with their full weight. */
const MEMORY = 40;

/** Which phase after a rotation a moment is in; -1 where no rotation is known, or it is too long ago. */
export function phaseOf(sinceRotationMs: number | null): number {
  if (sinceRotationMs === null || sinceRotationMs < 0) return -1;
  const minutes = sinceRotationMs / MINUTE_MS;
  return PHASE_ENDS_MIN.findIndex((end) => minutes < end);
}

/**
 * What a share usually does as time passes since the last rotation (a healthy rotation that keeps one key is a saw-tooth,
 * DOMAIN FM-04): mean residual by phase, believed as far as rotations agree.
 */
export class PhaseProfile {
  readonly #count = new Float64Array(PHASE_ENDS_MIN.length);
  readonly #sum = new Float64Array(PHASE_ENDS_MIN.length);
  readonly #squares = new Float64Array(PHASE_ENDS_MIN.length);
  #phase = -1;
  #excess = 0;
  #trials = 0;

  /** Takes in what a bucket had beyond level and hour of day. */
  add(phase: number, excess: number, trials: number): void {
    if (phase !== this.#phase) this.#close(phase);
    this.#excess += excess;
    this.#trials += trials;
  }

  #close(next: number): void {
    const phase = this.#phase;
    if (phase >= 0 && this.#trials > 0) {
      const value = this.#excess / this.#trials;
      const keep = (this.#count[phase] ?? 0) >= MEMORY ? 1 - 1 / MEMORY : 1;
      this.#count[phase] = (this.#count[phase] ?? 0) * keep + 1;
      this.#sum[phase] = (this.#sum[phase] ?? 0) * keep + value;
      this.#squares[phase] = (this.#squares[phase] ?? 0) * keep + value * value;
    }
    this.#phase = next;
    this.#excess = 0;
    this.#trials = 0;
  }

  /** Drops what the running phase has gathered: it was no usual time. */
  skip(): void {
    this.#excess = 0;
    this.#trials = 0;
  }

  /** The usual residual in a phase; 0 where rotations do not agree, or are fewer than three. */
  at(phase: number): number {
    const count = phase < 0 ? 0 : (this.#count[phase] ?? 0);
    if (count < 3) return 0;
    const mean = (this.#sum[phase] ?? 0) / count;
    const variance = Math.max(0, (this.#squares[phase] ?? 0) / count - mean * mean) * (count / (count - 1));
    return mean === 0 ? 0 : mean * Math.max(0, 1 - variance / count / (mean * mean));
  }
}

/**
 * What a share usually does by hour of day: mean residual of each hour over days, believed as far as it stands out of the
 * noise between days. `residuals[i]` belongs to hour of day `hours[i]`.
 */
export function dayProfile(
  residuals: readonly number[],
  hours: readonly number[],
  weights: readonly number[],
): Float64Array {
  const profile = new Float64Array(24);
  const weight = new Float64Array(24);
  const count = new Float64Array(24);
  for (const [i, residual] of residuals.entries()) {
    const hour = hours[i] ?? 0;
    const w = weights[i] ?? 0;
    profile[hour] = (profile[hour] ?? 0) + w * residual;
    weight[hour] = (weight[hour] ?? 0) + w;
    count[hour] = (count[hour] ?? 0) + 1;
  }
  for (let hour = 0; hour < 24; hour += 1)
    profile[hour] = (weight[hour] ?? 0) > 0 ? (profile[hour] ?? 0) / (weight[hour] ?? 1) : 0;
  const days = residuals.length / 24;
  if (days < 2) return profile.fill(0);
  let within = 0;
  for (const [i, residual] of residuals.entries()) within += (residual - (profile[hours[i] ?? 0] ?? 0)) ** 2;
  const noise = within / Math.max(1, residuals.length - 24) / days;
  const believe = patternShrinkage([...profile], noise);
  return profile.map((value) => value * believe);
}

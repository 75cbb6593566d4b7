import { Dispersion } from "../stats/dispersion.ts";
import { STREAMS } from "./streams.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

const S = STREAMS.length;
/** Seen, expected, trials, sampling variance. */
const PARTS = 4;
/** Blocks are for the long windows and for what went before: a quarter of an hour each, two days of them. */
export const BLOCK_MS = 15 * MINUTE_MS;
const BLOCKS = 192;
/** Buckets reach this far back. */
export const RECENT_MS = 3 * HOUR_MS;

/** Sums of one stream over a time. */
export type Sums = { seen: number; expected: number; trials: number; variance: number };

/** (seen - expected) / trials: share points, or relative for means. */
export function residual(sums: Sums): number {
  return sums.trials > 0 ? (sums.seen - sums.expected) / sums.trials : 0;
}

/** Sampling variance of the residual. */
export function samplingVariance(sums: Sums): number {
  return sums.trials > 0 ? sums.variance / (sums.trials * sums.trials) : 0;
}

class Ring {
  readonly #ids: Float64Array;
  readonly #sums: Float32Array;
  readonly #length: number;
  readonly stepMs: number;

  constructor(length: number, stepMs: number) {
    this.#length = length;
    this.stepMs = stepMs;
    this.#ids = new Float64Array(length).fill(-1);
    this.#sums = new Float32Array(length * S * PARTS);
  }

  add(atMs: number, contributions: Float64Array): void {
    const id = Math.floor(atMs / this.stepMs);
    const slot = id % this.#length;
    const size = S * PARTS;
    if ((this.#ids[slot] ?? -1) > id) return;
    if (this.#ids[slot] !== id) {
      this.#ids[slot] = id;
      this.#sums.fill(0, slot * size, slot * size + size);
    }
    const base = slot * size;
    for (let i = 0; i < size; i += 1)
      this.#sums[base + i] = (this.#sums[base + i] ?? 0) + (contributions[i] ?? 0);
  }

  /** Trials of a stream in the step that a moment is in. */
  trialsAt(s: number, atMs: number): number {
    const id = Math.floor(atMs / this.stepMs);
    const slot = id % this.#length;
    return this.#ids[slot] === id ? (this.#sums[(slot * S + s) * PARTS + 2] ?? 0) : 0;
  }

  /** Sums of steps within [fromMs, toMs), into `into`. */
  sum(s: number, fromMs: number, toMs: number, into: Sums): Sums {
    into.seen = 0;
    into.expected = 0;
    into.trials = 0;
    into.variance = 0;
    const last = Math.ceil(toMs / this.stepMs) - 1;
    const first = Math.max(Math.floor(fromMs / this.stepMs), last - this.#length + 1);
    for (let id = first; id <= last; id += 1) {
      const slot = id % this.#length;
      if (this.#ids[slot] !== id) continue;
      const base = (slot * S + s) * PARTS;
      into.seen += this.#sums[base] ?? 0;
      into.expected += this.#sums[base + 1] ?? 0;
      into.trials += this.#sums[base + 2] ?? 0;
      into.variance += this.#sums[base + 3] ?? 0;
    }
    return into;
  }

  /** Sums of the last `lengthsMs` before `nowMs`, shortest first, in one walk; into `into`, one for each length. */
  nested(s: number, nowMs: number, lengthsMs: readonly number[], into: readonly Sums[]): void {
    let seen = 0;
    let expected = 0;
    let trials = 0;
    let variance = 0;
    let id = Math.ceil(nowMs / this.stepMs) - 1;
    for (const [at, lengthMs] of lengthsMs.entries()) {
      const first = Math.floor((nowMs - lengthMs) / this.stepMs);
      for (; id >= first; id -= 1) {
        const slot = id % this.#length;
        if (this.#ids[slot] !== id) continue;
        const base = (slot * S + s) * PARTS;
        seen += this.#sums[base] ?? 0;
        expected += this.#sums[base + 1] ?? 0;
        trials += this.#sums[base + 2] ?? 0;
        variance += this.#sums[base + 3] ?? 0;
      }
      const sums = into[at];
      if (sums) Object.assign(sums, { seen, expected, trials, variance });
    }
  }

  wipe(s: number, fromMs: number): void {
    for (let slot = 0; slot < this.#length; slot += 1) {
      if (((this.#ids[slot] ?? -1) + 1) * this.stepMs <= fromMs) continue;
      this.#sums.fill(0, (slot * S + s) * PARTS, (slot * S + s + 1) * PARTS);
    }
  }
}

/** Noise of one stream in one window length: beyond the level, and beyond what went just before. */
export type Noise = { readonly step: Dispersion; readonly level: Dispersion; lastMs: number };

/** What departs together is watched together: an endpoint, one of its nodes, regions, families or protocols. */
export class Group {
  readonly key: string;
  readonly kind: "endpoint" | "node" | "region" | "class" | "family" | "protocol";
  readonly name: string;
  /** Bots and monitors alone. */
  readonly machines: boolean;
  readonly buckets: Ring;
  readonly blocks = new Ring(BLOCKS, BLOCK_MS);
  readonly noise = new Map<number, Noise>();
  lastSeenMs = 0;

  constructor(kind: Group["kind"], name: string, options: { bucketMs: number; machines: boolean }) {
    this.kind = kind;
    this.name = name;
    this.key = `${kind}:${name}`;
    this.machines = options.machines;
    this.buckets = new Ring(Math.ceil(RECENT_MS / options.bucketMs) + 2, options.bucketMs);
  }

  add(atMs: number, contributions: Float64Array): void {
    this.buckets.add(atMs, contributions);
    this.blocks.add(atMs, contributions);
    if (atMs > this.lastSeenMs) this.lastSeenMs = atMs;
  }

  /** Noise of a stream in a window (position in the list of windows), made when first asked for. */
  noiseOf(s: number, window: number): Noise {
    const key = s * 16 + window;
    let noise = this.noise.get(key);
    if (!noise) {
      const prior = priorVariance(s);
      noise = { step: new Dispersion(prior, 12), level: new Dispersion(prior * 2, 12), lastMs: 0 };
      this.noise.set(key, noise);
    }
    return noise;
  }

  /** Takes a stream's sums since a time out of the windows: they were told, and shall not be told again. */
  wipe(s: number, fromMs: number): void {
    this.buckets.wipe(s, fromMs);
    this.blocks.wipe(s, fromMs);
  }
}

/** Before anything is known of a group: shares wander by a point, durations by five per cent. */
function priorVariance(s: number): number {
  const stream = STREAMS[s];
  if (stream?.measure === "mean") return 0.05 ** 2;
  return stream?.name === "resume" ? 0.012 ** 2 : 0.004 ** 2;
}

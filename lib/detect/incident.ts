import type { Endpoint } from "./endpoint.ts";
import type { Sums } from "./group.ts";
import type { Finding } from "./judge.ts";
import { MINUTE_MS, type Span } from "./time.ts";
import type { Departure, Explanation, SignalFamily } from "./types.ts";

/** An incident is over after so much calm. */
const CALM_MS = 90 * MINUTE_MS;
const LOOK_MS = 30 * MINUTE_MS;
/** Calm is less than this part of the worst departure, within noise. */
const CALM_PART = 0.3;
const CALM_SIGMAS = 3;

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });

/** One open incident: where it was seen first, since when, and whether it has come to rest. */
export class Incident {
  readonly id: string;
  readonly family: SignalFamily;
  readonly endpoint: Endpoint;
  readonly class: "page" | "info";
  readonly openedMs: number;
  readonly onsetMs: number;
  readonly lead: Finding;
  /** What went before the onset, by which calm is judged. */
  readonly before: number;
  span: Span;
  explanation: Explanation | null = null;
  toldMs = 0;
  worst: number;
  #calmSinceMs: number | null = null;
  readonly #lastingNoise: number;

  constructor(init: {
    id: string;
    endpoint: Endpoint;
    class: "page" | "info";
    openedMs: number;
    onsetMs: number;
    lead: Finding;
    before: number;
    span: Span;
  }) {
    this.id = init.id;
    this.family = init.lead.stream.family;
    this.endpoint = init.endpoint;
    this.class = init.class;
    this.openedMs = init.openedMs;
    this.onsetMs = init.onsetMs;
    this.lead = init.lead;
    this.before = init.before;
    this.span = init.span;
    this.worst = init.lead.size;
    this.#lastingNoise = init.lead.noise;
  }

  /** Looks whether the departure is over; a gap in the data changes nothing. True once it has been calm long enough. */
  calm(nowMs: number): boolean {
    const { group, s, stream } = this.lead;
    const sums = group.buckets.sum(s, nowMs - LOOK_MS, nowMs, empty());
    if (sums.trials <= 0) return false;
    const size = ((sums.seen - sums.expected) / sums.trials - this.before) * stream.harm;
    this.worst = Math.max(this.worst, size);
    const noise = Math.hypot(Math.sqrt(sums.variance) / sums.trials, this.#lastingNoise);
    const quiet =
      size < CALM_PART * this.worst && size < Math.max(CALM_SIGMAS * noise, 0.7 * stream.smallest);
    if (!quiet) this.#calmSinceMs = null;
    else this.#calmSinceMs ??= nowMs;
    return this.#calmSinceMs !== null && nowMs - this.#calmSinceMs >= CALM_MS;
  }

  /** It was closed too soon: the departure is back. */
  reopen(span: Span): void {
    this.span = span;
    this.#calmSinceMs = null;
  }

  /** Since when it is calm; null while it is not. */
  get calmSinceMs(): number | null {
    return this.#calmSinceMs;
  }

  /** The departure as it is now: everything since the onset that is still at hand. */
  departure(nowMs: number): Departure {
    const { group, s, stream, z } = this.lead;
    const fromMs = Math.max(this.onsetMs, nowMs - 60 * MINUTE_MS);
    const sums = group.buckets.sum(s, fromMs, nowMs, empty());
    const mean = stream.measure === "mean";
    return {
      signal: stream.name,
      group: group.key,
      yardstick: this.lead.yardstick,
      observed: sums.trials > 0 ? sums.seen / sums.trials : 0,
      expected: sums.trials > 0 && !mean ? sums.expected / sums.trials : 1,
      trials: sums.trials,
      sigmas: z,
      windowMs: nowMs - fromMs,
    };
  }
}

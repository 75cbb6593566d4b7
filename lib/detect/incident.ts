import type { Endpoint } from "./endpoint.ts";
import type { Sums } from "./group.ts";
import type { Finding } from "./judge.ts";
import type { Onset } from "./onset.ts";
import { ACCEPT, RESUME, STREAMS, type Stream } from "./streams.ts";
import { HOUR_MS, MINUTE_MS, type Span } from "./time.ts";
import type { Departure, Explanation, SignalFamily } from "./types.ts";

/** An incident is over after so much calm. */
const CALM_MS = 90 * MINUTE_MS;
const LOOK_MS = 30 * MINUTE_MS;
/** Calm is less than this part of the worst departure, within noise. */
const CALM_PART = 0.3;
const CALM_SIGMAS = 3;
const OTHERS_SIGMAS = 3.5;
/** Position of the window whose noise is taken: half an hour, or near it. */
const NOISE_WINDOW = 2;

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });

export type IncidentInit = {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly class: "page" | "info";
  readonly openedMs: number;
  readonly onset: Onset;
  readonly lead: Finding;
  readonly before: number;
  readonly span: Span;
  readonly toldAs?: SignalFamily;
};

/** One open incident: where it was seen first, since when, and whether it has come to rest. */
export class Incident {
  readonly id: string;
  readonly family: SignalFamily;
  /** The family that it is told as: that of the incident it belongs to, where several signals depart with one cause. */
  readonly toldAs: SignalFamily;
  readonly endpoint: Endpoint;
  readonly class: "page" | "info";
  readonly openedMs: number;
  readonly onsetMs: number;
  /** It came slowly: the onset is known to hours only. */
  readonly slow: boolean;
  readonly lead: Finding;
  /** What went before the onset, by which calm is judged. */
  readonly before: number;
  span: Span;
  explanation: Explanation | null = null;
  toldMs = 0;
  worst: number;
  #calmSinceMs: number | null = null;
  readonly #lastingNoise: number;
  readonly #others: readonly { readonly s: number; readonly stream: Stream; readonly before: number }[];

  constructor(init: IncidentInit) {
    this.id = init.id;
    this.family = init.lead.stream.family;
    this.toldAs = init.toldAs ?? this.family;
    this.endpoint = init.endpoint;
    this.class = init.class;
    this.openedMs = init.openedMs;
    this.onsetMs = init.onset.atMs;
    this.slow = init.onset.slow;
    this.lead = init.lead;
    this.before = init.before;
    this.span = init.span;
    this.worst = init.lead.size;
    this.#lastingNoise = init.lead.noise;
    this.#others = STREAMS.flatMap((stream, s) => {
      if (stream.silent || stream.family !== this.family || s === init.lead.s) return [];
      const sums = init.lead.group.blocks.sum(s, init.onset.atMs - 2 * HOUR_MS, init.onset.atMs, empty());
      return [{ s, stream, before: sums.trials > 0 ? (sums.seen - sums.expected) / sums.trials : 0 }];
    });
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
      this.#othersQuiet(nowMs) &&
      size < CALM_PART * this.worst &&
      size < Math.max(CALM_SIGMAS * noise, 0.7 * stream.smallest);
    if (!quiet) this.#calmSinceMs = null;
    else this.#calmSinceMs ??= nowMs;
    return this.#calmSinceMs !== null && nowMs - this.#calmSinceMs >= CALM_MS;
  }

  /** Tickets that are refused at first are not offered later: the incident lasts while any signal of the family departs. */
  #othersQuiet(nowMs: number): boolean {
    const { group } = this.lead;
    return this.#others.every(({ s, stream, before }) => {
      const sums = group.buckets.sum(s, nowMs - LOOK_MS, nowMs, empty());
      if (sums.trials <= 0) return true;
      const size = ((sums.seen - sums.expected) / sums.trials - before) * stream.harm;
      const lasting = group.noiseOf(s, NOISE_WINDOW).level.extraVariance;
      const noise = Math.sqrt(sums.variance / sums.trials ** 2 + lasting);
      return size < Math.max(OTHERS_SIGMAS * noise, 2 * stream.smallest);
    });
  }

  /** Whether a finding may be this incident's remainder: its signal, or one that holds it, and no larger than it was. */
  covers({ s, size }: Finding): boolean {
    const own = this.lead.s;
    const general = (at: number): boolean => at === RESUME || at === ACCEPT;
    return (s === own || general(s) || general(own)) && size <= 1.2 * this.worst;
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

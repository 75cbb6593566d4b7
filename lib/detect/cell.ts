import type { Segment } from "../domain/handshake.ts";
import { EXCLUDED_FAMILIES } from "../domain/vocabulary.ts";
import { Baseline } from "./baseline.ts";
import { FEATURES } from "./features.ts";
import type { Group } from "./group.ts";
import { STREAMS } from "./streams.ts";
import { Volume } from "./volume.ts";

const S = STREAMS.length;
/** A node's own habit is remembered with this half-life, hours. */
const HALF_LIFE_H = 72;
/** Events that a node has to show before half of its own habit is believed. */
const PRIOR_EVENTS = 40;

/** A class of traffic at one endpoint: a client family with a protocol, over all nodes. */
export class TrafficClass {
  readonly family: string | null;
  readonly protocol: string | null;
  readonly machines: boolean;
  readonly baseline = new Baseline();
  readonly volume = new Volume();
  readonly cells: Cell[] = [];
  /** Sums of the running hour, all nodes. */
  readonly hour = new Float64Array(FEATURES);

  constructor(segment: Segment) {
    this.family = segment.family;
    this.protocol = segment.protocol;
    this.machines = EXCLUDED_FAMILIES.some((name) => name === segment.family);
  }
}

/** One segment: a class of traffic on one node. */
export class Cell {
  readonly segment: Segment;
  readonly traffic: TrafficClass;
  readonly groups: readonly Group[];
  readonly hour = new Float64Array(FEATURES);
  readonly #seen = new Float64Array(S);
  readonly #expected = new Float64Array(S);
  lastSeenMs = 0;

  constructor(segment: Segment, traffic: TrafficClass, groups: readonly Group[]) {
    this.segment = segment;
    this.traffic = traffic;
    this.groups = groups;
  }

  /** How this node usually stands to the others of its class: a factor on what is expected. */
  factor(s: number): number {
    const expected = this.#expected[s] ?? 0;
    if (expected <= 0) return 1;
    const stream = STREAMS[s];
    const prior = stream?.measure === "mean" ? 0.02 * expected + 1 : PRIOR_EVENTS;
    return ((this.#seen[s] ?? 0) + prior) / (expected + prior);
  }

  /** At the end of an hour: compares this node with its class in that hour, for the streams that were as usual. */
  learnHour(usual: (s: number) => boolean): void {
    const keep = 0.5 ** (1 / HALF_LIFE_H);
    for (let s = 0; s < S; s += 1) {
      const stream = STREAMS[s];
      const all = stream ? (this.traffic.hour[stream.under] ?? 0) : 0;
      if (!stream || all <= 0 || !usual(s)) continue;
      const rate = (this.traffic.hour[stream.over] ?? 0) / all;
      this.#seen[s] = (this.#seen[s] ?? 0) * keep + (this.hour[stream.over] ?? 0);
      this.#expected[s] = (this.#expected[s] ?? 0) * keep + (this.hour[stream.under] ?? 0) * rate;
    }
  }
}

import type { Segment } from "../domain/handshake.ts";
import { Cell, TrafficClass } from "./cell.ts";
import { F, FEATURES } from "./features.ts";
import { Group } from "./group.ts";
import { phaseOf } from "./profile.ts";
import { DURATION_SPREAD, RESUME, STREAMS } from "./streams.ts";
import { HOUR_MS, Mask } from "./time.ts";
import type { SignalFamily } from "./types.ts";

const S = STREAMS.length;
/** Masks older than this are forgotten: the baselines have forgotten those hours too. */
const MASK_MEMORY_MS = 12 * 24 * HOUR_MS;
/** A segment that was seen within this time is expected to report. */
const ACTIVE_MS = 24 * HOUR_MS;

/** A bucket's sums of one cell that wait for the next tick. */
export type Pending = { readonly cell: Cell; readonly atMs: number; readonly sums: Float64Array };

type ClassBucket = {
  readonly traffic: TrafficClass;
  readonly atMs: number;
  readonly sums: Float64Array;
  readonly expected: (number | null)[];
  readonly phase: number;
  /** Segments that have reported. */
  cells: number;
  /** Part of the expectation that holds although more came than usual: usual volume / volume, at most 1. */
  part: number;
};

/** All that is known of one endpoint: its cells, classes, groups and masks. */
export class Endpoint {
  readonly name: string;
  readonly cells = new Map<string, Cell>();
  readonly classes = new Map<string, TrafficClass>();
  readonly groups = new Map<string, Group>();
  readonly masks: Map<SignalFamily, Mask> = new Map();
  readonly #bucketMs: number;
  firstSeenMs = Number.POSITIVE_INFINITY;
  lastSeenMs = 0;
  #hour = -1;
  #replays: { readonly atMs: number; readonly count: number }[] = [];

  constructor(name: string, bucketMs: number) {
    this.name = name;
    this.#bucketMs = bucketMs;
    for (const { family } of STREAMS) this.masks.set(family, new Mask());
  }

  /** Rejections as replays since a moment; they are few, so each bucket that has some is kept, for a day. */
  replaysSince(fromMs: number): number {
    return this.#replays.reduce((sum, { atMs, count }) => sum + (atMs >= fromMs ? count : 0), 0);
  }

  has(segment: Segment): boolean {
    return this.cells.has(cellKeyOf(segment));
  }

  /** The cell of a segment, made when new. */
  cell(segment: Segment): Cell {
    const key = cellKeyOf(segment);
    const known = this.cells.get(key);
    if (known) return known;
    const classKey = classKeyOf(segment);
    let traffic = this.classes.get(classKey);
    if (!traffic) {
      traffic = new TrafficClass(segment);
      this.classes.set(classKey, traffic);
    }
    const cell = new Cell(segment, traffic, this.#groupsOf(segment, traffic.machines));
    traffic.cells.push(cell);
    this.cells.set(key, cell);
    return cell;
  }

  #groupsOf(segment: Segment, machines: boolean): Group[] {
    const groups = [
      this.#group("endpoint", "", false),
      this.#group("class", classKeyOf(segment), machines),
      ...(segment.node === null ? [] : [this.#group("node", segment.node, false)]),
      ...(segment.region === null ? [] : [this.#group("region", segment.region, false)]),
    ];
    if (machines) return groups;
    if (segment.family !== null) groups.push(this.#group("family", segment.family, false));
    if (segment.protocol !== null) groups.push(this.#group("protocol", segment.protocol, false));
    return groups;
  }

  #group(kind: Group["kind"], name: string, machines: boolean): Group {
    const key = `${kind}:${name}`;
    let group = this.groups.get(key);
    if (!group) {
      group = new Group(kind, name, { bucketMs: this.#bucketMs, machines });
      this.groups.set(key, group);
    }
    return group;
  }

  /** Takes what a family of signals has done since a moment as usual from now on. */
  relearn(family: SignalFamily, sinceMs: number, nowMs: number): void {
    for (const traffic of this.classes.values()) {
      traffic.baseline.forgetBefore(family, sinceMs);
      traffic.baseline.refit(nowMs, this.masks);
    }
    for (const group of this.groups.values())
      for (const [s, stream] of STREAMS.entries()) if (stream.family === family) group.wipe(s, 0);
  }

  mask(family: SignalFamily): Mask {
    let mask = this.masks.get(family);
    if (!mask) {
      mask = new Mask();
      this.masks.set(family, mask);
    }
    return mask;
  }

  /** Takes in what has arrived since the last tick. `sinceRotationMs` tells the age of the youngest key at a moment. */
  flush(pending: readonly Pending[], nowMs: number, sinceRotationMs: (atMs: number) => number | null): void {
    const hour = Math.floor((nowMs - 1) / HOUR_MS);
    if (hour > this.#hour) {
      if (this.#hour >= 0) this.#closeHour(nowMs);
      this.#hour = hour;
    }
    const buckets = new Map<string, ClassBucket>();
    for (const item of pending) this.#sumClass(buckets, item, sinceRotationMs);
    for (const bucket of buckets.values()) this.#judgeVolume(bucket, nowMs);
    const contributions = new Float64Array(S * 4);
    for (const { cell, atMs, sums } of pending) {
      const bucket = buckets.get(`${classKeyOf(cell.segment)}\u0000${atMs}`);
      if (!bucket) continue;
      this.#contribute(cell, sums, bucket, contributions);
      for (const group of cell.groups) group.add(atMs, contributions);
      for (let i = 0; i < FEATURES; i += 1) cell.hour[i] = (cell.hour[i] ?? 0) + (sums[i] ?? 0);
      const replays = sums[F.replay] ?? 0;
      if (replays > 0) this.#replays.push({ atMs, count: replays });
      cell.lastSeenMs = Math.max(cell.lastSeenMs, atMs);
      this.firstSeenMs = Math.min(this.firstSeenMs, atMs);
      this.lastSeenMs = Math.max(this.lastSeenMs, atMs);
    }
    for (const bucket of buckets.values()) this.#learn(bucket, nowMs);
  }

  #sumClass(
    buckets: Map<string, ClassBucket>,
    { cell, atMs, sums }: Pending,
    sinceRotationMs: (atMs: number) => number | null,
  ): void {
    const key = `${classKeyOf(cell.segment)}\u0000${atMs}`;
    let bucket = buckets.get(key);
    if (!bucket) {
      const { traffic } = cell;
      const middleMs = atMs + this.#bucketMs / 2;
      const phase = phaseOf(sinceRotationMs(middleMs));
      const expected = STREAMS.map((_, s) => traffic.baseline.expected(s, middleMs, phase));
      bucket = { traffic, atMs, sums: new Float64Array(FEATURES), expected, phase, part: 1, cells: 0 };
      buckets.set(key, bucket);
    }
    bucket.cells += 1;
    for (let i = 0; i < FEATURES; i += 1) bucket.sums[i] = (bucket.sums[i] ?? 0) + (sums[i] ?? 0);
  }

  #judgeVolume(bucket: ClassBucket, nowMs: number): void {
    const { traffic, atMs, sums } = bucket;
    const count = sums[F.completed] ?? 0;
    const usual = traffic.volume.usual(atMs, this.#bucketMs);
    traffic.volume.add(atMs, count);
    if (usual === null || nowMs - atMs > 2 * this.#bucketMs) return;
    const spread = Math.hypot(traffic.volume.spread, 1 / Math.sqrt(Math.max(1, usual)));
    if (count > usual * (1 + 2 * spread)) bucket.part = usual / count;
    const active = traffic.cells.filter(({ lastSeenMs }) => atMs - lastSeenMs < ACTIVE_MS).length;
    traffic.volume.learn(atMs, this.#bucketMs, count, bucket.cells >= 0.8 * active);
  }

  /** Seen, expected, trials and sampling variance of every stream, of one cell. */
  #contribute(cell: Cell, sums: Float64Array, bucket: ClassBucket, into: Float64Array): void {
    for (let s = 0; s < S; s += 1) {
      const stream = STREAMS[s];
      const usual = bucket.expected[s];
      const n = stream ? (sums[stream.under] ?? 0) : 0;
      const base = s * 4;
      into.fill(0, base, base + 4);
      if (!stream || usual === null || usual === undefined || n <= 0) continue;
      if (stream.customersOnly && cell.traffic.machines) continue;
      const rate = usual * cell.factor(s);
      const seen = sums[stream.over] ?? 0;
      if (stream.measure === "mean") {
        into[base] = seen;
        into[base + 1] = n * rate;
        into[base + 2] = n * rate;
        into[base + 3] = DURATION_SPREAD * n * rate * rate;
        continue;
      }
      const p = Math.min(1 - 1e-6, rate);
      let expected = n * p;
      // More came than usual: as many resumed as usually do is no harm, and fewer than that is.
      if (s === RESUME && bucket.part < 1)
        expected = Math.min(expected, Math.max(seen, expected * bucket.part));
      into[base] = seen;
      into[base + 1] = expected;
      into[base + 2] = n;
      into[base + 3] = n * p * (1 - p);
    }
  }

  #learn({ traffic, atMs, sums, phase }: ClassBucket, nowMs: number): void {
    traffic.baseline.add(atMs, sums);
    for (let i = 0; i < FEATURES; i += 1) traffic.hour[i] = (traffic.hour[i] ?? 0) + (sums[i] ?? 0);
    if (phase < 0 || nowMs - atMs > 2 * this.#bucketMs) return;
    for (let s = 0; s < S; s += 1) {
      const stream = STREAMS[s];
      const usual = traffic.baseline.usual(s, atMs + this.#bucketMs / 2);
      if (stream?.family !== "resumption" || usual === null) continue;
      if (this.mask(stream.family).covers(atMs, atMs + this.#bucketMs)) {
        traffic.baseline.skipPhase(s);
        continue;
      }
      const under = sums[stream.under] ?? 0;
      if (under > 0) traffic.baseline.learnPhase(s, phase, { over: sums[stream.over] ?? 0, under, usual });
    }
  }

  #closeHour(nowMs: number): void {
    const startMs = this.#hour * HOUR_MS;
    const usual = (s: number): boolean =>
      !this.mask(STREAMS[s]?.family ?? "resumption").covers(startMs, startMs + HOUR_MS);
    for (const cell of this.cells.values()) {
      cell.learnHour(usual);
      cell.hour.fill(0);
    }
    for (const traffic of this.classes.values()) {
      traffic.hour.fill(0);
      traffic.baseline.refit(nowMs, this.masks);
      traffic.volume.refit(nowMs, this.mask("resumption"));
    }
    this.#replays = this.#replays.filter(({ atMs }) => atMs > nowMs - 24 * HOUR_MS);
    for (const mask of this.masks.values()) mask.forgetBefore(nowMs - MASK_MEMORY_MS);
  }
}

function cellKeyOf({ node, region, family, protocol }: Segment): string {
  return `${node}\u0000${region}\u0000${family}\u0000${protocol}`;
}

/** What tells classes of traffic apart. */
export function classKeyOf({ family, protocol }: Pick<Segment, "family" | "protocol">): string {
  return `${family ?? "?"}|${protocol ?? "?"}`;
}

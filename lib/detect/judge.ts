import { logLowerBetaBinomial, logUpperBetaBinomial } from "../stats/beta-binomial.ts";
import { correlationOf, type Dispersion } from "../stats/dispersion.ts";
import { zOfLogTail } from "../stats/normal.ts";
import type { Endpoint } from "./endpoint.ts";
import { BLOCK_MS, type Group, RECENT_MS, residual, type Sums, samplingVariance } from "./group.ts";
import { DURATION_SPREAD, STREAMS, type Stream } from "./streams.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";
import type { SignalFamily } from "./types.ts";

const WEEK_MS = 168 * HOUR_MS;
/** Below so many expected events the tail is summed exactly: the normal would be wrong there. */
const FEW = 40;
/** Connections of one client come together and fare alike, so a few events weigh as half as many (DOMAIN 5.6). */
const CLUMP = 2;
/** Fewer odd events than this are never a finding, however rare they used to be. */
const LEAST_EXCESS = 6;
/** Fewer timed handshakes than this say nothing of durations. */
const LEAST_TIMED = 60;
/** What went before is read from so far back, and counts less the older it is. */
const BEFORE_BLOCKS = 16;
const BEFORE_DECAY = 0.93;

/** How a departure was measured: against what went before, against the slow level, or against the other nodes or classes. */
export type Yardstick = "before" | "level" | "peers";

export type Finding = {
  readonly group: Group;
  readonly stream: Stream;
  readonly s: number;
  readonly windowMs: number;
  readonly yardstick: Yardstick;
  /** Standard deviations towards harm. */
  readonly z: number;
  /** Departure towards harm: share points, or relative for means. */
  readonly size: number;
  readonly sums: Sums;
  /** Noise beyond sampling that the sigmas hold, in units of the size. */
  readonly noise: number;
};

type Window = { readonly lengthMs: number; readonly yardstick: "before" | "level" };

/** The windows that are looked at, shortest first: steps against what went before, slow things against the level. */
export function windowsFor(bucketMs: number): readonly Window[] {
  const steps = [5, 15, 30, 60, 180].map((minutes) => minutes * MINUTE_MS).filter((ms) => ms > bucketMs);
  return [
    ...[bucketMs, ...steps].map((lengthMs) => ({ lengthMs, yardstick: "before" as const })),
    ...[6, 12, 24].map((hours) => ({ lengthMs: hours * HOUR_MS, yardstick: "level" as const })),
  ];
}

/**
 * The sigmas that a departure needs so that all tests of an endpoint together page by chance no more often than the budget:
 * a Bonferroni bound over groups, streams and non-overlapping windows of a week.
 */
export function thresholdFor(groups: number, windows: readonly Window[], falseAlarmsPerWeek: number): number {
  const perGroup = windows.reduce((sum, { lengthMs }) => sum + WEEK_MS / lengthMs, 0);
  const tests = Math.max(1, groups) * STREAMS.length * perGroup;
  return zOfLogTail(Math.log(falseAlarmsPerWeek / tests));
}

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });

/** What the stream had beyond expectation before a moment, believed as far as such things last. */
type Before = { readonly value: number; readonly variance: number };
type At = {
  readonly group: Group;
  readonly s: number;
  readonly stream: Stream;
  readonly nowMs: number;
  readonly threshold: number;
  readonly found: Finding[];
};
type Test = { index: number; lengthMs: number; yardstick: Yardstick; sums: Sums; before: Before | null };

/** Tests every group, stream and window of an endpoint at a moment, and lets the noise learn from what is no finding. */
export class Judge {
  readonly #windows: readonly Window[];
  readonly #stepLengths: readonly number[];
  readonly #bucketMs: number;
  readonly #hourly: number;
  readonly #own: Sums[];
  readonly #all: Sums[];
  readonly #blocks: Sums[] = Array.from({ length: BEFORE_BLOCKS + RECENT_MS / BLOCK_MS + 2 }, empty);

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
    this.#windows = windowsFor(bucketMs);
    this.#stepLengths = this.#windows.filter((w) => w.yardstick === "before").map((w) => w.lengthMs);
    this.#hourly = this.#windows.findIndex(({ lengthMs }) => lengthMs >= HOUR_MS);
    this.#own = this.#stepLengths.map(empty);
    this.#all = this.#stepLengths.map(empty);
  }

  /**
   * Findings at `nowMs` beyond the threshold of so many false alarms a week. Families for which `open` answers true are not judged, and learn nothing.
   */
  judge(
    endpoint: Endpoint,
    nowMs: number,
    options: {
      readonly falseAlarmsPerEndpointWeek: number;
      readonly open: (family: SignalFamily) => boolean;
    },
  ): Finding[] {
    const threshold = thresholdFor(endpoint.groups.size, this.#windows, options.falseAlarmsPerEndpointWeek);
    const found: Finding[] = [];
    const whole = endpoint.groups.get("endpoint:");
    for (const [s, stream] of STREAMS.entries()) {
      if (stream.silent || options.open(stream.family)) continue;
      whole?.buckets.nested(s, nowMs, this.#stepLengths, this.#all);
      for (const group of endpoint.groups.values()) {
        if (nowMs - group.lastSeenMs > 2 * this.#bucketMs + 1 || (group.machines && stream.customersOnly))
          continue;
        this.#judgeStream({ group, s, stream, nowMs, threshold, found });
      }
    }
    return found;
  }

  #judgeStream(at: At): void {
    const { group, s, nowMs } = at;
    if (group.buckets.trialsAt(s, nowMs - this.#bucketMs) <= 0) return;
    group.buckets.nested(s, nowMs, this.#stepLengths, this.#own);
    this.#readBlocks(group, s, nowMs);
    const hasPeers =
      !group.machines && (group.kind === "node" || group.kind === "class" || group.kind === "region");
    for (const [index, { lengthMs, yardstick }] of this.#windows.entries()) {
      if (yardstick === "level") {
        if (nowMs % BLOCK_MS === 0) this.#testLevel(at, index, lengthMs);
        continue;
      }
      const sums = this.#own[index];
      const all = this.#all[index];
      if (!sums || !all || sums.trials <= 0) continue;
      this.#test(at, {
        index,
        lengthMs,
        yardstick,
        sums,
        before: this.#before(group, s, nowMs - lengthMs, nowMs),
      });
      if (hasPeers) this.#testPeers(at, { index, lengthMs, sums, all });
    }
  }

  #testLevel(at: At, index: number, lengthMs: number): void {
    const sums = at.group.blocks.sum(at.s, at.nowMs - lengthMs, at.nowMs, empty());
    if (sums.trials > 0) this.#test(at, { index, lengthMs, yardstick: "level", sums, before: null });
  }

  /** Against the other nodes, regions or classes of the endpoint in the same time: they are each other's control group. */
  #testPeers(at: At, of: { index: number; lengthMs: number; sums: Sums; all: Sums }): void {
    const { sums, all, lengthMs } = of;
    const rest: Sums = {
      seen: all.seen - sums.seen,
      expected: all.expected - sums.expected,
      trials: all.trials - sums.trials,
      variance: Math.max(0, all.variance - sums.variance),
    };
    if (rest.trials < sums.trials * 0.1) return;
    const before = { value: residual(rest), variance: samplingVariance(rest) };
    this.#test(at, { index: of.index + 8, lengthMs, yardstick: "peers", sums, before });
  }

  #readBlocks(group: Group, s: number, nowMs: number): void {
    const lastMs = Math.floor(nowMs / BLOCK_MS) * BLOCK_MS;
    for (const [i, sums] of this.#blocks.entries())
      group.blocks.sum(s, lastMs - (i + 1) * BLOCK_MS, lastMs - i * BLOCK_MS, sums);
  }

  #before(group: Group, s: number, endMs: number, nowMs: number): Before {
    const skip = Math.floor(nowMs / BLOCK_MS) - Math.floor(endMs / BLOCK_MS);
    let weight = 1;
    let excess = 0;
    let trials = 0;
    let variance = 0;
    for (let i = skip; i < skip + BEFORE_BLOCKS; i += 1) {
      const sums = this.#blocks[i];
      if (!sums) break;
      excess += weight * (sums.seen - sums.expected);
      trials += weight * sums.trials;
      variance += weight * weight * sums.variance;
      weight *= BEFORE_DECAY;
    }
    if (trials <= 0) return { value: 0, variance: 0 };
    const own = variance / (trials * trials);
    const lasting = group.noiseOf(s, this.#hourly).level.extraVariance;
    const believe = lasting / (lasting + own || 1);
    return { value: (believe * excess) / trials, variance: believe * believe * own };
  }

  #test(at: At, test: Test): void {
    const { group, s, stream, nowMs, threshold } = at;
    const { sums, before, lengthMs, yardstick } = test;
    const raw = residual(sums);
    // Better than usual before, or among the others, makes the usual no harm.
    const reference = stream.harm * Math.max(0, stream.harm * (before?.value ?? 0));
    const departure = raw - reference;
    const sampling = samplingVariance(sums) + (before?.variance ?? 0);
    const noise = group.noiseOf(s, test.index);
    const dispersion = yardstick === "level" ? noise.level : noise.step;
    const size = departure * stream.harm;
    const normal = size / Math.sqrt(sampling + dispersion.extraVariance || 1);
    if (normal >= threshold && size >= stream.smallest && enough(stream, size, sums)) {
      const z = Math.min(normal, exactSigmas(stream, { sums, before: reference, dispersion, normal }));
      if (z >= threshold) {
        const lasting = Math.sqrt(dispersion.extraVariance);
        at.found.push({
          group,
          stream,
          s,
          windowMs: lengthMs,
          yardstick,
          z,
          size,
          sums: { ...sums },
          noise: lasting,
        });
        return;
      }
    }
    if (nowMs - noise.lastMs < Math.min(lengthMs, 3 * HOUR_MS)) return;
    noise.lastMs = nowMs;
    dispersion.add(departure, sampling);
    if (yardstick === "before") noise.level.add(raw, samplingVariance(sums));
  }
}

/** Whether there is enough to speak of at all. */
function enough(stream: Stream, size: number, sums: Sums): boolean {
  if (stream.measure === "share") return size * sums.trials >= LEAST_EXCESS;
  return (DURATION_SPREAD * sums.trials * sums.trials) / (sums.variance || 1) >= LEAST_TIMED;
}

/** Sigmas by the exact beta-binomial tail where events are few; the normal's elsewhere. */
function exactSigmas(
  stream: Stream,
  of: { sums: Sums; before: number; dispersion: Dispersion; normal: number },
): number {
  const { seen, trials, expected } = of.sums;
  const p = Math.min(1 - 1e-6, Math.max(1e-6, expected / trials + of.before));
  if (stream.measure === "mean" || Math.min(p, 1 - p) * trials > FEW) return of.normal;
  const trialsOf = { n: Math.round(trials / CLUMP), p, rho: correlationOf(of.dispersion.extraVariance, p) };
  const tail =
    stream.harm > 0
      ? logUpperBetaBinomial(Math.floor(seen / CLUMP), trialsOf)
      : logLowerBetaBinomial(Math.ceil(seen / CLUMP), trialsOf);
  return zOfLogTail(Math.max(-1700, tail));
}

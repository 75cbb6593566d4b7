import { BLOCK_MS, type Group, RECENT_MS, residual, type Sums } from "./group.ts";
import type { Finding } from "./judge.ts";
import { HOUR_MS } from "./time.ts";

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });
/** How far back a slow departure may have begun. */
const SLOW_MS = 36 * 4 * BLOCK_MS;
/** Departures that needed so long a window may have come slowly. */
const HINGE_FROM_MS = BLOCK_MS;
const SLOPE_BETTER = 0.97;

/** When a departure began, and whether it came slowly: then the moment is a corner that is known to hours only. */
export type Onset = { readonly atMs: number; readonly slow: boolean };
type Point = { readonly ms: number; readonly value: number; readonly weight: number };

/**
 * When a departure began, from what is known at `nowMs`: the start that makes "as usual before, departed since" most likely.
 * For a step the evidence (excess² / variance) of everything since is largest there; a slow one is taken as a hinge.
 */
export function onsetOf(finding: Finding, nowMs: number, bucketMs: number): Onset {
  const step = stepOnset(finding, nowMs, bucketMs);
  const quick = finding.windowMs < HINGE_FROM_MS && nowMs - step < HINGE_FROM_MS;
  if (finding.yardstick !== "level" && quick) return { atMs: step, slow: false };
  const points = blockPoints(finding, nowMs);
  const corner = hingeCorner(points, nowMs);
  if (finding.yardstick === "level") return { atMs: corner.ms, slow: true };
  // A slope that fits the quarters of an hour better than a step at its best place.
  let bestStep = Number.POSITIVE_INFINITY;
  for (const { ms } of points)
    bestStep = Math.min(
      bestStep,
      fitError(points, (at) => (at >= ms ? 1 : 0)),
    );
  const slow = corner.error < SLOPE_BETTER * bestStep;
  return slow ? { atMs: corner.ms, slow } : { atMs: step, slow };
}

function stepOnset(finding: Finding, nowMs: number, bucketMs: number): number {
  const { group, s, stream } = finding;
  const level = finding.yardstick === "before" ? usualBefore(group, s, nowMs - finding.windowMs) : 0;
  let best = { startMs: nowMs - bucketMs, evidence: Number.NEGATIVE_INFINITY };
  const since = empty();
  const one = empty();
  for (let startMs = nowMs - bucketMs; startMs >= nowMs - RECENT_MS; startMs -= bucketMs) {
    group.buckets.sum(s, startMs, startMs + bucketMs, one);
    if (one.trials <= 0) continue;
    since.seen += one.seen;
    since.expected += one.expected + level * one.trials;
    since.trials += one.trials;
    since.variance += one.variance;
    const excess = (since.seen - since.expected) * stream.harm;
    // Noise that lasts adds to the variance as the square of the trials; a little of it keeps long starts honest.
    const variance = since.variance + (0.15 * finding.size * since.trials) ** 2 / 4;
    const evidence = excess <= 0 ? Number.NEGATIVE_INFINITY : (excess * excess) / (variance || 1);
    if (evidence > best.evidence) best = { startMs, evidence };
  }
  return refine(finding, best.startMs, { bucketMs, level, nowMs });
}

/** The first bucket is often only partly departed: take one before it while that is at least a third of the size. */
function refine(
  { group, s, stream, size }: Finding,
  startMs: number,
  { bucketMs, level, nowMs }: { bucketMs: number; level: number; nowMs: number },
): number {
  const one = empty();
  let onsetMs = startMs;
  for (let step = 0; step < 3 && onsetMs - bucketMs > nowMs - RECENT_MS; step += 1) {
    group.buckets.sum(s, onsetMs - bucketMs, onsetMs, one);
    if (one.trials <= 0) break;
    const departed = ((one.seen - one.expected) / one.trials - level) * stream.harm;
    const noise = Math.sqrt(one.variance) / one.trials;
    if (departed < Math.max(size / 3, 2.5 * noise)) break;
    onsetMs -= bucketMs;
  }
  return onsetMs;
}

function usualBefore(group: Group, s: number, endMs: number): number {
  const sums = group.blocks.sum(s, endMs - 8 * BLOCK_MS, endMs - BLOCK_MS, empty());
  return sums.trials > 0 ? (sums.seen - sums.expected) / sums.trials : 0;
}

/** The departure by quarters of an hour. */
function blockPoints({ group, s, stream }: Finding, nowMs: number): Point[] {
  const points: Point[] = [];
  const sums = empty();
  const endMs = Math.floor(nowMs / BLOCK_MS) * BLOCK_MS;
  for (let startMs = endMs - SLOW_MS; startMs < endMs; startMs += BLOCK_MS) {
    group.blocks.sum(s, startMs, startMs + BLOCK_MS, sums);
    if (sums.trials <= 0) continue;
    const value = ((sums.seen - sums.expected) / sums.trials) * stream.harm;
    points.push({ ms: startMs, value, weight: sums.trials });
  }
  return points;
}

/** Least squares of a hinge (nothing, then a straight rise): its corner is the onset. */
function hingeCorner(points: readonly Point[], nowMs: number): { ms: number; error: number } {
  let best = { ms: nowMs - BLOCK_MS, error: Number.POSITIVE_INFINITY };
  const endMs = Math.floor(nowMs / BLOCK_MS) * BLOCK_MS;
  for (let cornerMs = endMs - SLOW_MS; cornerMs < endMs - 2 * BLOCK_MS; cornerMs += 2 * BLOCK_MS) {
    const error = fitError(points, (at) => Math.max(0, at - cornerMs) / BLOCK_MS);
    if (error < best.error) best = { ms: cornerMs, error };
  }
  return best;
}

/** Squares left over by a line over `shape`, its slope not below 0. */
function fitError(points: readonly Point[], shape: (atMs: number) => number): number {
  let w = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (const { ms, value, weight } of points) {
    const x = shape(ms);
    w += weight;
    sx += weight * x;
    sy += weight * value;
    sxx += weight * x * x;
    sxy += weight * x * value;
    syy += weight * value * value;
  }
  const spread = sxx - (sx * sx) / w;
  if (spread <= 0) return Number.POSITIVE_INFINITY;
  const slope = Math.max(0, (sxy - (sx * sy) / w) / spread);
  return syy - (sy * sy) / w - slope * slope * spread;
}

/** What a finding's stream had beyond expectation in the two hours before the onset. */
export function beforeOf({ group, s, yardstick }: Finding, onsetMs: number): number {
  if (yardstick !== "before") return 0;
  return residual(group.blocks.sum(s, onsetMs - 2 * HOUR_MS, onsetMs, empty()));
}

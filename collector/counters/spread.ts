/** Width of the finest stored buckets, milliseconds. */
const BUCKET_MS = 10_000;
/** How far back an increase is spread at most, milliseconds: of a longer gap nobody knows when it was. */
export const MAX_SPREAD_MS = 3_600_000;

/** A part of an increase, dated inside its bucket. */
export type Part = { readonly atMs: number; readonly count: number };

/**
 * Spreads a whole count evenly over the buckets of [fromMs, untilMs), by the time that each has in it. Parts are whole,
 * differ from their even share by less than one, and sum up to `count` exactly. An interval without length is the last
 * millisecond before `untilMs`.
 */
export function spread(count: number, fromMs: number, untilMs: number): Part[] {
  const beginMs = Math.max(Math.min(fromMs, untilMs - 1), untilMs - MAX_SPREAD_MS);
  const lengthMs = untilMs - beginMs;
  const parts: Part[] = [];
  let before = 0;
  for (let startMs = Math.floor(beginMs / BUCKET_MS) * BUCKET_MS; startMs < untilMs; startMs += BUCKET_MS) {
    const endMs = Math.min(startMs + BUCKET_MS, untilMs);
    // The running sum is rounded, not each part: few handshakes then lie apart instead of all in the first buckets.
    const upTo = endMs === untilMs ? count : Math.round((count / lengthMs) * (endMs - beginMs));
    if (upTo > before) parts.push({ atMs: endMs - 1, count: upTo - before });
    before = Math.max(before, upTo);
  }
  return parts;
}

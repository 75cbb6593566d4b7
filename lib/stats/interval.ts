/** An interval of a proportion, both ends in [0, 1]. */
export type Interval = { readonly low: number; readonly high: number };

/** z of a two-sided 95 %. */
export const Z95 = 1.959963984540054;

/**
 * Wilson score interval of k successes in n trials at 95 % (Wilson 1927; DOMAIN 5.6): honest at small n and at the
 * ends. Null for n = 0: no trials, no statement. `z` for another level than 95 %.
 */
export function wilson(k: number, n: number, z = Z95): Interval | null {
  if (n <= 0) return null;
  const p = k / n;
  const z2 = z * z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Below this many trials a rate is drawn as uncertain (DOMAIN 5.6: "grey the line below n = 50 per point"). */
export const SMALL_COUNT = 50;

/** Middle of values; null for none. Even numbers give the mean of the middle two. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2;
}

/** Standard deviation as the median absolute deviation × 1.4826 (Hampel 1974: consistent for the normal); null for none. */
export function robustSpread(values: readonly number[]): number | null {
  const middle = median(values);
  if (middle === null) return null;
  return 1.4826 * (median(values.map((value) => Math.abs(value - middle))) ?? 0);
}

/**
 * A weighted mean that single odd values do not carry away: values are clipped to `width` spreads about the weighted
 * median, then averaged (a Huber-type location). Null without weight.
 */
export function robustLevel(
  values: readonly number[],
  weights: readonly number[],
  width = 3,
): { readonly level: number; readonly spread: number } | null {
  const middle = weightedMedian(values, weights);
  if (middle === null) return null;
  const distances = values.map((value) => Math.abs(value - middle));
  const spread = 1.4826 * (weightedMedian(distances, weights) ?? 0);
  let sum = 0;
  let total = 0;
  for (const [i, value] of values.entries()) {
    const weight = weights[i] ?? 0;
    const most = width * spread;
    sum += weight * (spread > 0 ? Math.min(middle + most, Math.max(middle - most, value)) : value);
    total += weight;
  }
  return { level: sum / total, spread };
}

/** The value at which half of the weight is reached; null without weight. */
export function weightedMedian(values: readonly number[], weights: readonly number[]): number | null {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  if (half <= 0) return null;
  let reached = 0;
  for (const i of order) {
    reached += weights[i] ?? 0;
    if (reached >= half) return values[i] ?? null;
  }
  return null;
}

/**
 * How much of an estimated pattern to believe (James and Stein 1961, positive part): 1 - noise variance of the means /
 * variance of the means, in [0, 1]. `means` are the pattern's estimates, `noise` the variance that each has by chance.
 */
export function patternShrinkage(means: readonly number[], noise: number): number {
  if (means.length < 3) return 0;
  const centre = means.reduce((sum, value) => sum + value, 0) / means.length;
  const between = means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (means.length - 1);
  return between <= 0 ? 0 : Math.max(0, 1 - noise / between);
}

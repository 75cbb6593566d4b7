import { binUpper, type Histogram } from "./histogram.ts";

/** A distribution function: the share of observations at or below a value, in [0, 1], never falling. */
export type Cumulative = (value: number) => number;

/**
 * The distribution function of a histogram, linear inside each bin; exact at the bins' bounds. Null for an empty
 * histogram.
 */
export function cumulativeOf(histogram: Histogram): Cumulative | null {
  if (histogram.count === 0) return null;
  const bins = [...histogram.bins].sort((a, b) => a[0] - b[0]);
  const bounds: {
    readonly low: number;
    readonly high: number;
    readonly below: number;
    readonly upTo: number;
  }[] = [];
  let below = 0;
  for (const [bin, weight] of bins) {
    const upTo = below + weight / histogram.count;
    bounds.push({ low: bin <= 1 ? 0 : binUpper(bin - 1), high: binUpper(bin), below, upTo });
    below = upTo;
  }
  return (value) => {
    if (value < 0) return 0;
    let [from, to] = [0, bounds.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((bounds[middle]?.high ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    const bin = bounds[from];
    if (!bin) return 1;
    if (value <= bin.low) return value === bin.high ? bin.upTo : bin.below;
    return bin.below + ((bin.upTo - bin.below) * (value - bin.low)) / (bin.high - bin.low);
  };
}

/**
 * The smallest value at which a distribution function reaches `share`, between 0 and `most`, to a thousandth of itself;
 * Infinity where it does not.
 */
export function inverseOf(cumulative: Cumulative, share: number, most: number): number {
  if (cumulative(most) < share) return Number.POSITIVE_INFINITY;
  let [low, high] = [0, most];
  for (let i = 0; i < 60 && high - low > 1e-3 * high; i += 1) {
    const middle = (low + high) / 2;
    if (cumulative(middle) >= share) high = middle;
    else low = middle;
  }
  return high;
}

/** The values at which the weights of values, in their order, reach each share (rising) of all of them; none without weight. */
export function weightedQuantiles(
  values: readonly { readonly value: number; readonly weight: number }[],
  shares: readonly number[],
): number[] {
  const total = values.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) return [];
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const found: number[] = [];
  let reached = 0;
  for (const { value, weight } of sorted) {
    reached += weight;
    while (found.length < shares.length && reached >= (shares[found.length] ?? 1) * total) found.push(value);
  }
  // Rounding may leave the last share a hair above what all weights add up to.
  while (found.length < shares.length) found.push(sorted.at(-1)?.value ?? 0);
  return found;
}

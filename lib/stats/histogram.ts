/**
 * Base-2 exponential histograms as in OpenTelemetry's data model (metrics/data-model, "ExponentialHistogram"), at one
 * fixed scale, so that any two add up bin by bin. Bin b >= 1 holds (base^(b-2), base^(b-1)], bin 0 holds zeros.
 * Values are whole and not negative (microseconds, seconds).
 */
export const HISTOGRAM_SCALE = 5;
const PER_OCTAVE = 2 ** HISTOGRAM_SCALE;
/** Highest bin: values above 2^52 are counted there. */
export const MAX_BIN = 52 * PER_OCTAVE + 1;
/** Worst relative error of a quantile: (base - 1) / (base + 1) with base = 2^(1/32), 1.1 %. */
export const RELATIVE_ERROR = (2 ** (1 / PER_OCTAVE) - 1) / (2 ** (1 / PER_OCTAVE) + 1);
const LAYOUT_VERSION = 1;

/** The bin of a whole value >= 0. */
export function binOf(value: number): number {
  if (value < 1) return 0;
  // The tiny slack keeps exact powers of the base in their lower bin in spite of rounding in log2.
  const bin = Math.ceil(Math.log2(value) * PER_OCTAVE - 1e-9) + 1;
  return bin > MAX_BIN ? MAX_BIN : bin;
}

/** Upper bound (inclusive) of a bin. */
export function binUpper(bin: number): number {
  return bin <= 0 ? 0 : 2 ** ((bin - 1) / PER_OCTAVE);
}

/** The value that stands for a bin: the midpoint that bounds the relative error on both sides. */
export function binMiddle(bin: number): number {
  if (bin <= 0) return 0;
  if (bin === 1) return 1;
  const low = binUpper(bin - 1);
  const high = binUpper(bin);
  return (2 * low * high) / (low + high);
}

/** A mergeable histogram: sparse bins, exact count and sum. */
export class Histogram {
  readonly bins = new Map<number, number>();
  count = 0;
  sum = 0;

  /** Adds `weight` observations of a whole value >= 0. */
  add(value: number, weight = 1): void {
    this.addBin(binOf(value), weight);
    this.sum += value * weight;
  }

  /** Adds observations to a bin without touching the sum. */
  addBin(bin: number, weight: number): void {
    this.bins.set(bin, (this.bins.get(bin) ?? 0) + weight);
    this.count += weight;
  }

  /** Adds all of another histogram; associative and commutative. */
  merge(other: Histogram): this {
    for (const [bin, weight] of other.bins) this.addBin(bin, weight);
    this.sum += other.sum;
    return this;
  }

  /** Adds an encoded histogram without building an object for it. */
  mergeEncoded(bytes: Uint8Array): this {
    readEncoded(bytes, this);
    return this;
  }

  /** Value at quantile q in [0, 1], within RELATIVE_ERROR; null when empty. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (const bin of [...this.bins.keys()].sort((a, b) => a - b)) {
      seen += this.bins.get(bin) ?? 0;
      if (seen >= rank) return binMiddle(bin);
    }
    return null;
  }

  /** Exact mean of what was added; null when empty. */
  mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }

  /** Bytes for storage: layout version, sum, then (bin step, weight) pairs as varints. */
  encode(): Uint8Array {
    const out: number[] = [LAYOUT_VERSION];
    pushVarint(out, this.sum);
    let last = 0;
    for (const bin of [...this.bins.keys()].sort((a, b) => a - b)) {
      pushVarint(out, bin - last);
      pushVarint(out, this.bins.get(bin) ?? 0);
      last = bin;
    }
    return Uint8Array.from(out);
  }

  /** Reads what `encode` wrote. Throws on another layout. */
  static decode(bytes: Uint8Array): Histogram {
    return new Histogram().mergeEncoded(bytes);
  }
}

/** Appends a whole number below 2^53 as a little-endian base-128 varint. */
export function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}

/** Count and sum of what `encode` wrote, without its bins. Throws on another layout. */
export function totalsOf(bytes: Uint8Array): { readonly count: number; readonly sum: number } {
  const totals = {
    count: 0,
    sum: 0,
    addBin: (_: number, weight: number): void => {
      totals.count += weight;
    },
  };
  readEncoded(bytes, totals);
  return totals;
}

function readEncoded(bytes: Uint8Array, into: Pick<Histogram, "addBin" | "sum">): void {
  if (bytes[0] !== LAYOUT_VERSION) throw new Error(`histogram layout ${bytes[0]} is not known`);
  let at = 1;
  const next = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  into.sum += next();
  let bin = 0;
  while (at < bytes.length) {
    bin += next();
    into.addBin(bin, next());
  }
}

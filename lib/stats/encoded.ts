import { binUpper, HISTOGRAM_SCALE, type Histogram, MAX_BIN } from "./histogram.ts";

/** Rounding in log2 and in the sender's sums, relative. */
const SLACK = 1e-6;

/**
 * What cannot be true of a histogram that somebody else encoded: bytes that `encode` would not write, bins or weights out
 * of range, more observations than `most`, or a sum that its bins cannot give. Null when all is well. `decoded` has to
 * be what the bytes decode to.
 */
export function encodedProblem(bytes: Uint8Array, decoded: Histogram, most: number): string | null {
  if (decoded.count < 1) return "holds no observation";
  if (decoded.count > most) return `holds ${decoded.count} observations, more than the count ${most}`;
  let least = 0;
  let largest = 0;
  for (const [bin, weight] of decoded.bins) {
    if (bin > MAX_BIN || !Number.isSafeInteger(weight) || weight < 1) return "holds a bin out of range";
    least += weight * lowerOf(bin);
    largest += weight * (bin === MAX_BIN ? Number.POSITIVE_INFINITY : binUpper(bin));
  }
  if (!Number.isSafeInteger(decoded.sum)) return "has a sum out of range";
  if (decoded.sum < least * (1 - SLACK) || decoded.sum > largest * (1 + SLACK))
    return "has a sum that its bins cannot give";
  const canonical = decoded.encode();
  const same = canonical.length === bytes.length && canonical.every((byte, at) => byte === bytes[at]);
  return same ? null : "is not in its one encoding";
}

/** Smallest whole value of a bin. */
function lowerOf(bin: number): number {
  if (bin <= 1) return bin;
  return Math.max(1, 2 ** ((bin - 2) / 2 ** HISTOGRAM_SCALE));
}

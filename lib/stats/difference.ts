import type { Share } from "../domain/rates.ts";
import { wilson, Z95 } from "./interval.ts";

/** Difference of two proportions with its 95 % interval. */
export type Difference = { readonly value: number; readonly low: number; readonly high: number };

/**
 * after - before with Newcombe's hybrid score interval (Newcombe 1998, method 10), made of the two Wilson intervals.
 * Null where a side has no trials. `z` for another level than 95 %.
 */
export function difference(before: Share, after: Share, z = Z95): Difference | null {
  const a = wilson(after.k, after.n, z);
  const b = wilson(before.k, before.n, z);
  if (!a || !b) return null;
  const pa = after.k / after.n;
  const pb = before.k / before.n;
  const value = pa - pb;
  return {
    value,
    low: value - Math.hypot(pa - a.low, b.high - pb),
    high: value + Math.hypot(a.high - pa, pb - b.low),
  };
}

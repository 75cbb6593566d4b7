import { logBeta, logGamma } from "./gamma.ts";

/** Terms are added until they no longer matter, but never more than this many. */
const MOST_TERMS = 20_000;
/** Below this correlation the counts are binomial for all purposes. */
const NO_CORRELATION = 1e-9;

/**
 * ln P(X = k) of a beta-binomial with n trials, mean p and intra-class correlation rho = 1 / (a + b + 1); rho near 0 is the
 * binomial (Skellam 1948; parameters as in Prentice 1986). k in 0…n, p in (0, 1), rho in [0, 1).
 */
export function logBetaBinomial(k: number, trials: { n: number; p: number; rho: number }): number {
  const { n, p, rho } = trials;
  const choose = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  if (rho < NO_CORRELATION) return choose + k * Math.log(p) + (n - k) * Math.log1p(-p);
  const size = 1 / rho - 1;
  return choose + logBeta(k + p * size, n - k + (1 - p) * size) - logBeta(p * size, (1 - p) * size);
}

/** ln P(X >= k): how surprising it is to see at least k. Sums upward from k, so it is precise where it is small. */
export function logUpperBetaBinomial(k: number, trials: { n: number; p: number; rho: number }): number {
  if (k <= 0) return 0;
  if (k > trials.n) return Number.NEGATIVE_INFINITY;
  // Each term from the one before: P(i + 1) / P(i) needs no gamma functions.
  const { n, p, rho } = trials;
  const size = rho < NO_CORRELATION ? Number.POSITIVE_INFINITY : 1 / rho - 1;
  const odds = (i: number): number =>
    size === Number.POSITIVE_INFINITY ? p / (1 - p) : (i + p * size) / (n - i - 1 + (1 - p) * size);
  let term = 1;
  let sum = 1;
  for (let i = k; i < n && i < k + MOST_TERMS; i += 1) {
    term *= ((n - i) / (i + 1)) * odds(i);
    sum += term;
    if (term < sum * 1e-12) break;
  }
  return Math.min(0, logBetaBinomial(k, trials) + Math.log(sum));
}

/** ln P(X <= k), by the mirror image. */
export function logLowerBetaBinomial(k: number, trials: { n: number; p: number; rho: number }): number {
  return logUpperBetaBinomial(trials.n - k, { ...trials, p: 1 - trials.p });
}

import { rateOf, type Share } from "../domain/rates.ts";
import { sumShares } from "./decompose.ts";

/**
 * Variance of counts between steps over that of sampling alone, at least 1 (Pearson's chi-square per degree of freedom;
 * McCullagh and Nelder 1989, 4.5). Handshakes of one client are not independent (DOMAIN 5.6), so counts divided by it say as much
 * as they look. 1 where fewer than three steps are known, or all or none succeeded.
 */
export function overdispersion(steps: readonly Share[]): number {
  const known = steps.filter(({ n }) => n > 0);
  const rate = rateOf(sumShares(known));
  if (rate === null || rate <= 0 || rate >= 1 || known.length < 3) return 1;
  const chi = known.reduce((sum, { k, n }) => sum + (k - n * rate) ** 2 / (n * rate * (1 - rate)), 0);
  return Math.max(1, chi / (known.length - 1));
}

/** A share with as many trials as its counts are worth. */
export function effective({ k, n }: Share, spread: number): Share {
  return { k: k / spread, n: n / spread };
}

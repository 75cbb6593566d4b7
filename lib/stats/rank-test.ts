import type { Histogram } from "./histogram.ts";
import { logUpperTail } from "./normal.ts";

export type RankTest = {
  /** Chance that a value of `b` is larger than one of `a`, ties counted half, in [0, 1]: 0.5 is no difference. */
  readonly larger: number;
  /** ln of the two-sided chance of a difference as large by accident (normal approximation, ties corrected). */
  readonly logChance: number;
};

/**
 * The Mann–Whitney test of two histograms (Mann and Whitney 1947; ties as in Lehmann 1975): bins are ties. Null where one is
 * empty.
 */
export function rankTest(a: Histogram, b: Histogram): RankTest | null {
  const [n, m] = [a.count, b.count];
  if (n === 0 || m === 0) return null;
  const bins = [...new Set([...a.bins.keys(), ...b.bins.keys()])].sort((x, y) => x - y);
  let [below, wins, ties] = [0, 0, 0];
  for (const bin of bins) {
    const [inA, inB] = [a.bins.get(bin) ?? 0, b.bins.get(bin) ?? 0];
    wins += inB * (below + inA / 2);
    below += inA;
    ties += (inA + inB) ** 3 - (inA + inB);
  }
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  const larger = wins / (n * m);
  const z = variance <= 0 ? 0 : Math.abs(wins - (n * m) / 2) / Math.sqrt(variance);
  return { larger, logChance: Math.min(0, Math.log(2) + logUpperTail(z)) };
}

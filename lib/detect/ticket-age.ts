/** F_age, the distribution of ticket age at resumption (DOMAIN 4.0, Law 2): measured, or estimated and marked so. */
import { type Cumulative, cumulativeOf } from "../stats/cumulative.ts";
import type { Histogram } from "../stats/histogram.ts";
import { erfc } from "../stats/normal.ts";

/** Nothing resumes with an older ticket: the longest ticket lifetime of TLS 1.3 (RFC 8446 4.6.1), seconds. */
export const OLDEST_S = 604_800;
/** Ages that have to be known before their distribution counts as measured. */
const ENOUGH_AGES = 200;

/** One possible F_age with how much it is believed before any recovery was seen. Ages in seconds. */
export type AgeHypothesis = { readonly shareYounger: Cumulative; readonly weight: number };
export type AgeModel = {
  readonly basis: "measured" | "estimated";
  /** Ages that it was measured on; 0 for an estimate. */
  readonly count: number;
  readonly hypotheses: readonly AgeHypothesis[];
};

/** The clients of the hours before are not those of now: ages may be this much longer or shorter, standard deviation of ln. */
const SCALE_SPREAD = 0.15;
const SCALES = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];
/** Law 2's example: median age 10 minutes, sigma 2; medians from one minute to two hours are possible. */
const USUAL_MEDIAN_S = 600;
const MEDIAN_SPREAD = Math.log(3);
const MEDIANS_S = Array.from({ length: 25 }, (_, i) => 60 * 120 ** (i / 24));
const SIGMAS = [1, 1.25, 1.5, 1.75, 2, 2.25, 2.5];

/** What is known of F_age: the ages of tickets that resumed in the hours before the onset, or else a log-normal. */
export function ageModel(ages: Histogram | null): AgeModel {
  const measured = ages && ages.count >= ENOUGH_AGES ? cumulativeOf(ages) : null;
  if (ages && measured)
    return {
      basis: "measured",
      count: ages.count,
      hypotheses: SCALES.map((z) => {
        const scale = Math.exp(z * SCALE_SPREAD);
        return { shareYounger: (ageS: number) => measured(ageS / scale), weight: Math.exp((-z * z) / 2) };
      }),
    };
  return {
    basis: "estimated",
    count: 0,
    hypotheses: MEDIANS_S.flatMap((medianS) => {
      const z = Math.log(medianS / USUAL_MEDIAN_S) / MEDIAN_SPREAD;
      return SIGMAS.map((sigma) => ({
        shareYounger: logNormalAges(medianS, sigma),
        weight: Math.exp((-z * z) / 2),
      }));
    }),
  };
}

/**
 * F_age of a log-normal cut off at `oldestS`: Phi(ln(u / median) / sigma) / Phi(ln(oldest / median) / sigma) (DOMAIN Law 2).
 * `medianS` and `sigma` are those before the cut.
 */
export function logNormalAges(medianS: number, sigma: number, oldestS = OLDEST_S): Cumulative {
  const below = (ageS: number): number => erfc(-Math.log(ageS / medianS) / sigma / Math.SQRT2) / 2;
  const all = below(oldestS);
  return (ageS) => (ageS <= 0 ? 0 : ageS >= oldestS ? 1 : below(ageS) / all);
}

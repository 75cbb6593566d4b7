/** Resume rate against exposure window over all policies worth having, and what follows from it. */
import { designExposureS, type KeyPolicy, type LabFacts, type Prediction, predict } from "./lab.ts";

export type FrontierPoint = {
  readonly policy: KeyPolicy;
  readonly exposureS: number;
  readonly prediction: Prediction;
};
/** Policies with the same number of retained keys, by rising exposure. */
export type FrontierCurve = { readonly retained: number; readonly points: readonly FrontierPoint[] };

/** Longest ticket lifetime of TLS 1.3, seconds (RFC 8446 4.6.1). */
export const LONGEST_LIFETIME_S = 604_800;
const SHORTEST_S = 600;
const LONGEST_S = 1_209_600;
const POINTS = 40;
/** Numbers of retained keys that are compared: none, HAProxy's usual one, Twitter's two, and many short ones. */
export const COMPARED_RETAINED = [0, 1, 2, 6] as const;

/**
 * The best policy for an exposure window and a number of retained keys: the lifetime is what the keys cover, so that no ticket
 * is offered in vain and no key is kept for nothing. Without retained keys a ticket lives for a period at most.
 */
export function policyFor(exposureS: number, retained: number): KeyPolicy {
  const periodS = exposureS / (retained === 0 ? 2 : retained + 1);
  return { periodS, retained, lifetimeS: Math.min(LONGEST_LIFETIME_S, periodS * Math.max(1, retained)) };
}

/** The curves from ten minutes to two weeks of exposure; empty where nothing can be predicted. */
export function frontierOf(
  facts: LabFacts,
  retained: readonly number[] = COMPARED_RETAINED,
  points = POINTS,
): FrontierCurve[] {
  return retained.flatMap((keys) => {
    const curve = exposures(points).flatMap((exposureS) => {
      const policy = policyFor(exposureS, keys);
      const prediction = predict(facts, policy);
      return prediction ? [{ policy, exposureS: designExposureS(policy), prediction }] : [];
    });
    return curve.length ? [{ retained: keys, points: curve }] : [];
  });
}

function exposures(points: number): number[] {
  return Array.from(
    { length: points },
    (_, i) => SHORTEST_S * (LONGEST_S / SHORTEST_S) ** (i / (points - 1)),
  );
}

/** Round lengths that people set: minutes, hours, days, in seconds. */
const ROUND_S = [
  300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400, 172_800, 259_200,
  604_800,
];

/**
 * The round policy with the smallest exposure whose rate is at most `loss` below `rate`, keys cover the lifetime and two or
 * three are retained (next, current, previous and one to spare); null where none is.
 */
export function smallestExposure(
  facts: LabFacts,
  { rate, loss }: { readonly rate: number; readonly loss: number },
): FrontierPoint | null {
  let best: FrontierPoint | null = null;
  for (const retained of [1, 2, 3])
    for (const periodS of ROUND_S)
      for (const lifetimeS of ROUND_S) {
        if (lifetimeS > retained * periodS) continue;
        const policy = { lifetimeS, periodS, retained };
        const exposureS = designExposureS(policy);
        if (best && exposureS >= best.exposureS) continue;
        const prediction = predict(facts, policy);
        if (prediction && prediction.rate.value >= rate - loss) best = { policy, exposureS, prediction };
      }
  return best;
}

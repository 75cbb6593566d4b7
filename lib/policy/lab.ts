/**
 * The policy lab: what another ticket lifetime, rotation period or number of retained keys would do to the resume rate and to
 * the exposure window. A ticket of age a, issued at any moment of its key's time, is still opened when its key is still held:
 * with n retained keys and a period T that is the share S(a) = min(1, max(0, (n + 1) - a / T)), and nothing beyond the lifetime
 * L. So R = R_other + R_tickets x mean of S_new / S_now over the ages seen (DOMAIN 4.0, laws 2 and 3; FM-04, FM-16).
 */
import { ageModel, OLDEST_S } from "../detect/ticket-age.ts";
import { weightedQuantiles } from "../stats/cumulative.ts";
import { binUpper, type Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";

/** How tickets and their keys live. Seconds; `retained` counts the keys that are kept for decrypting only, >= 0. */
export type KeyPolicy = { readonly lifetimeS: number; readonly periodS: number; readonly retained: number };
/** What is known of the policy at work; null = not known. */
export type KnownPolicy = { readonly [P in keyof KeyPolicy]: number | null };
/** Ages at which `count` tickets resumed, in (lowS, highS]. */
export type AgeBin = { readonly lowS: number; readonly highS: number; readonly count: number };

export type LabFacts = {
  readonly ages: readonly AgeBin[];
  /** Completed handshakes of known outcome. */
  readonly completed: number;
  /** Of them resumed by a ticket or PSK, and by anything else (session ids, or not known by what). */
  readonly byTicket: number;
  readonly otherwise: number;
  /** Variance of R between hours over that of sampling alone, >= 1: counts say so many times less than they look. */
  readonly spread: number;
  readonly today: KnownPolicy;
};

/** A predicted resume rate; 95 % interval. */
export type PredictedRate = { readonly value: number; readonly low: number; readonly high: number };
export type Prediction = {
  readonly basis: "measured" | "estimated";
  readonly rate: PredictedRate;
  /**
   * Tickets older than `fromS` are not accepted today, so nobody knows how many would come: `rate` is then the least, and
   * `atMost` holds as long as ages go on thinning out with age. Null where all is seen.
   */
  readonly beyond: { readonly fromS: number; readonly atMost: number } | null;
};

/** Ages that have to be known before their distribution counts as measured (as lib/detect/ticket-age.ts). */
export const ENOUGH_AGES = 200;
/** Ages that today's keys open more rarely than this are as good as unseen: what is seen of them cannot be scaled up. */
const LEAST_SEEN = 0.2;
/** Points at which a bin (2.2 % wide) is looked at. */
const WITHIN = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];
/** The last part of the seen ages, from which the density at their end is taken. */
const TAIL = 0.3;

/** The bins of a histogram of ages in seconds. */
export function ageBins(histogram: Histogram): AgeBin[] {
  return [...histogram.bins]
    .sort((a, b) => a[0] - b[0])
    .map(([bin, count]) => ({ lowS: bin <= 1 ? 0 : binUpper(bin - 1), highS: binUpper(bin), count }));
}

/** Exposure window by design, seconds: encrypt period + max(ticket lifetime, retained periods) (DOMAIN 5.5). */
export function designExposureS({ lifetimeS, periodS, retained }: KeyPolicy): number {
  return periodS + Math.max(lifetimeS, retained * periodS);
}

/** How old a ticket may be and still be opened for certain, seconds (DOMAIN H08). */
export function coverageS({ periodS, retained }: KeyPolicy): number {
  return periodS * retained;
}

/** The share of tickets of an age that are still accepted under a policy, in [0, 1]. */
export function acceptedAt(ageS: number, { lifetimeS, periodS, retained }: KeyPolicy): number {
  if (ageS > lifetimeS) return 0;
  return Math.min(1, Math.max(0, retained + 1 - ageS / periodS));
}

/** The age up to which today's policy shows how often tickets come back, seconds. */
export function seenUntilS({ ages, today }: LabFacts): number {
  const oldest = ages.reduce((most, { highS }) => Math.max(most, highS), 0);
  const byKeys =
    today.periodS === null || today.retained === null
      ? Number.POSITIVE_INFINITY
      : (today.retained + 1 - LEAST_SEEN) * today.periodS;
  return Math.min(today.lifetimeS ?? oldest, byKeys, OLDEST_S);
}

/** Today's policy where parts of it may be missing: what is not known is taken to cut nothing off. */
function knownToday({ today }: LabFacts): KeyPolicy {
  const isKnown = today.periodS !== null && today.retained !== null;
  return {
    lifetimeS: Number.POSITIVE_INFINITY,
    periodS: isKnown ? (today.periodS ?? 1) : Number.POSITIVE_INFINITY,
    retained: isKnown ? (today.retained ?? 0) : 0,
  };
}

/**
 * The resume rate under another policy; null where nothing completed, or where neither ages nor today's lifetime are known.
 * A longer lifetime, a longer period or more keys never lower it.
 */
export function predict(facts: LabFacts, policy: KeyPolicy): Prediction | null {
  if (facts.completed === 0) return null;
  const count = countOf(facts.ages);
  return count >= ENOUGH_AGES ? measured(facts, policy, count) : estimated(facts, policy);
}

function measured(facts: LabFacts, policy: KeyPolicy, count: number): Prediction {
  const edgeS = seenUntilS(facts);
  const now = knownToday(facts);
  const moments = { mean: 0, square: 0 };
  for (const { lowS, highS, count: weight } of facts.ages)
    for (const part of WITHIN) {
      // What resumed at a greater age than today's limit resumed all the same: it counts as just at the limit.
      const ageS = Math.min(edgeS, lowS + part * (highS - lowS));
      const kept = acceptedAt(ageS, policy) / Math.max(LEAST_SEEN, acceptedAt(ageS, now));
      moments.mean += (kept * weight) / WITHIN.length / count;
      moments.square += (kept * kept * weight) / WITHIN.length / count;
    }
  const { completed: n, byTicket, otherwise, spread } = facts;
  const value = clampRate((otherwise + byTicket * moments.mean) / n);
  const own = (otherwise + byTicket * moments.square) / n - value ** 2;
  const spreadOfAges = Math.max(0, moments.square - moments.mean ** 2);
  const fewer = Math.max(0, 1 / count - 1 / Math.max(1, byTicket));
  const variance = (own / n + (byTicket / n) ** 2 * spreadOfAges * fewer) * spread;
  const interval = intervalOf(value, variance, n / spread);
  return {
    basis: "measured",
    rate: { value, ...interval },
    beyond: beyondOf(facts, policy, { edgeS, count, high: interval.high }),
  };
}

/** What longer than today could bring at most, where ages go on thinning out. */
function beyondOf(
  facts: LabFacts,
  policy: KeyPolicy,
  { edgeS, count, high }: { edgeS: number; count: number; high: number },
): Prediction["beyond"] {
  const reachS = Math.min(policy.lifetimeS, (policy.retained + 1) * policy.periodS, OLDEST_S);
  // Of a limit that nobody told, the oldest age seen is one: today's may be a little longer.
  if (reachS <= edgeS * 1.001) return null;
  const fromS = edgeS * (1 - TAIL);
  const now = knownToday(facts);
  let atEdge = 0;
  for (const { lowS, highS, count: weight } of facts.ages) {
    const part = highS > lowS ? Math.max(0, highS - Math.max(lowS, fromS)) / (highS - lowS) : 1;
    if (highS > fromS)
      atEdge += (weight * part) / Math.max(LEAST_SEEN, acceptedAt(Math.min(highS, edgeS), now));
  }
  // Upper end of what so few may stand for (Poisson, about 95 %; three where there were none).
  const likely = atEdge + 2 * Math.sqrt(atEdge) + 3;
  const density = likely / count / (edgeS - fromS);
  const steps = 100;
  const stepS = (reachS - edgeS) / steps;
  let reached = 0;
  for (let i = 0; i < steps; i += 1) reached += acceptedAt(edgeS + (i + 0.5) * stepS, policy) * stepS;
  const extra = (facts.byTicket / facts.completed) * density * reached;
  return { fromS: edgeS, atMost: clampRate(high + extra) };
}

const LOG_STEPS = Array.from({ length: 121 }, (_, i) => OLDEST_S ** (i / 120));

/** Without ages: every log-normal that is thought possible, cut off at today's limit. */
function estimated(facts: LabFacts, policy: KeyPolicy): Prediction | null {
  const { lifetimeS } = facts.today;
  if (lifetimeS === null) return null;
  const now = { ...knownToday(facts), lifetimeS };
  const { completed, byTicket, otherwise } = facts;
  const values = ageModel(null).hypotheses.map(({ shareYounger, weight }) => {
    const [before, after] = [now, policy].map((of) =>
      LOG_STEPS.reduce((sum, highS, i) => {
        const lowS = LOG_STEPS[i - 1] ?? 0;
        return sum + (shareYounger(highS) - shareYounger(lowS)) * acceptedAt((lowS + highS) / 2, of);
      }, 0),
    );
    const ratio = before ? (after ?? 0) / before : 0;
    return { value: clampRate((otherwise + byTicket * ratio) / completed), weight };
  });
  const [low = 0, high = 0] = weightedQuantiles(values, [0.025, 0.975]);
  const total = values.reduce((sum, { weight }) => sum + weight, 0);
  const value = values.reduce((sum, of) => sum + (of.value * of.weight) / total, 0);
  // Few heavy hypotheses can pull the mean beyond the quantiles.
  const rate = { value, low: Math.min(low, value), high: Math.max(high, value) };
  return { basis: "estimated", rate, beyond: null };
}

/** The Wilson interval of as many trials as the variance says there were. */
function intervalOf(value: number, variance: number, n: number): { low: number; high: number } {
  const worth = variance > 0 ? Math.min(n, (value * (1 - value)) / variance) : n;
  return wilson(value * worth, worth) ?? { low: 0, high: 1 };
}

/**
 * What rotating without keeping the previous key costs: the mean relative loss of ticket resumptions, in [0, 1] (Law 3:
 * 1 - (1/T) x integral of F_age from 0 to T). Null without enough ages.
 */
export function lossWithoutOverlap(facts: LabFacts, { lifetimeS, periodS }: KeyPolicy): number | null {
  if (countOf(facts.ages) < ENOUGH_AGES) return null;
  const only = { ...facts, completed: 1, byTicket: 1, otherwise: 0, spread: 1 };
  const count = countOf(facts.ages);
  const without = measured(only, { lifetimeS, periodS, retained: 0 }, count).rate.value;
  const all = measured(only, { lifetimeS, periodS: Number.POSITIVE_INFINITY, retained: 0 }, count).rate.value;
  return all > 0 ? 1 - without / all : null;
}

const countOf = (ages: readonly AgeBin[]): number => ages.reduce((sum, { count }) => sum + count, 0);
const clampRate = (rate: number): number => Math.min(1, Math.max(0, rate));

/** What the policy lab found, in words with its uncertainty. */
import { inLength, inPercent, inPoints, inWhole } from "../domain/words.ts";
import {
  coverageS,
  designExposureS,
  type KeyPolicy,
  type LabFacts,
  lossWithoutOverlap,
  type Prediction,
  predict,
} from "./lab.ts";
import { LONGEST_LIFETIME_S, smallestExposure } from "./lab-frontier.ts";

export type Told = { readonly tone: "plain" | "good" | "warn"; readonly text: string };

const length = (seconds: number): string => inLength(seconds * 1_000);
/** The loss that counts as nearly the same resume rate. */
const NEARLY = 0.01;

/** 58.0 % (56.1 % to 59.8 %); with its bounds where a part is not known. */
export function predictedWords({ rate, beyond }: Prediction): string {
  const interval = `${inPercent(rate.low)} to ${inPercent(rate.high)}`;
  if (!beyond) return `${inPercent(rate.value)} (${interval})`;
  return `at least ${inPercent(rate.value)} (${interval}), at most ${inPercent(beyond.atMost)}`;
}

/** A policy in words. */
export function policyWords({ lifetimeS, periodS, retained }: KeyPolicy): string {
  const keys = retained === 0 ? "no old key kept" : `${retained} old ${retained === 1 ? "key" : "keys"} kept`;
  return `tickets of ${length(lifetimeS)}, a new key every ${length(periodS)}, ${keys}`;
}

/** What a policy would bring and cost, most important first; empty where nothing can be predicted. */
export function labWords(facts: LabFacts, policy: KeyPolicy): Told[] {
  const prediction = predict(facts, policy);
  if (!prediction) return [];
  return [
    rateWords(facts, prediction),
    ...unseenWords(prediction),
    exposureWords(facts, policy),
    ...coverageWords(facts, policy, prediction),
    ...overlapWords(facts, policy),
    ...betterWords(facts, policy),
  ];
}

const rateNow = ({ completed, byTicket, otherwise }: LabFacts): number => (byTicket + otherwise) / completed;

function rateWords(facts: LabFacts, prediction: Prediction): Told {
  const now = rateNow(facts);
  const moved = prediction.rate.value - now;
  const today = `today's ${inPercent(now)} of ${inWhole(facts.completed)}`;
  const compared =
    Math.abs(moved) < 0.0005 ? `as ${today}` : `${inPoints(moved)} ${moved < 0 ? "below" : "above"} ${today}`;
  const guess =
    prediction.basis === "estimated"
      ? " This is a guess: no source tells ticket ages here, so every usual distribution was tried."
      : "";
  return {
    tone: moved < -NEARLY ? "warn" : "plain",
    text: `The resume rate would be ${predictedWords(prediction)}: ${compared}.${guess}`,
  };
}

function unseenWords({ beyond }: Prediction): Told[] {
  if (!beyond) return [];
  const text = `Unknown beyond ${length(beyond.fromS)}: no older ticket is accepted today, so nobody knows who would come back later. The upper bound holds if ages go on thinning out; people who return daily could break it. Try it on one endpoint.`;
  return [{ tone: "warn", text }];
}

function knownPolicy({ today: { lifetimeS, periodS, retained } }: LabFacts): KeyPolicy | null {
  return lifetimeS === null || periodS === null || retained === null
    ? null
    : { lifetimeS, periodS, retained };
}

function exposureWords(facts: LabFacts, policy: KeyPolicy): Told {
  const today = knownPolicy(facts);
  const design = designExposureS(policy);
  const now = today && designExposureS(today);
  const compared = now === null ? "today's is not known" : `today ${length(now)}`;
  return {
    tone: now !== null && design < now ? "good" : now !== null && design > now ? "warn" : "plain",
    text: `A stolen key would open ${length(design)} of traffic by design (${compared}).`,
  };
}

function coverageWords(facts: LabFacts, policy: KeyPolicy, { rate }: Prediction): Told[] {
  const covered = coverageS(policy);
  if (policy.retained === 0 || covered >= policy.lifetimeS) return [];
  const enough = { ...policy, retained: Math.ceil(policy.lifetimeS / policy.periodS) };
  const gained = (predict(facts, enough)?.rate.value ?? rate.value) - rate.value;
  const text = `The kept keys open tickets of up to ${length(covered)}, the lifetime is ${length(policy.lifetimeS)}: older ones are offered in vain, which costs ${inPoints(gained)} (FM-04). ${enough.retained} kept keys would cover it.`;
  return [{ tone: "warn", text }];
}

function overlapWords(facts: LabFacts, policy: KeyPolicy): Told[] {
  const loss = lossWithoutOverlap(facts, policy);
  if (loss === null) return [];
  const cost = `${inPercent(loss)} of all ticket resumptions`;
  return policy.retained === 0
    ? [
        {
          tone: "warn",
          text: `Without an old key every rotation drops all tickets: ${cost} on average, as a fall to near zero every ${length(policy.periodS)} that daily figures hide (FM-03).`,
        },
      ]
    : [{ tone: "plain", text: `Rotating without keeping the old key would cost ${cost} at this period.` }];
}

function betterWords(facts: LabFacts, policy: KeyPolicy): Told[] {
  const now = rateNow(facts);
  const best = smallestExposure(facts, { rate: now, loss: NEARLY });
  if (!best || best.exposureS >= designExposureS(policy)) return [];
  const text = `Nearly today's rate, ${predictedWords(best.prediction)}, is had with ${length(best.exposureS)} of exposure: ${policyWords(best.policy)}.`;
  return [{ tone: "good", text }];
}

export type Bound = {
  readonly label: string;
  /** Longest that is allowed, seconds; null: not known. */
  readonly limitS: number | null;
  readonly verdict: "ok" | "over" | "unknown";
  readonly text: string;
};
export type BoundFacts = {
  readonly nowMs: number;
  readonly certificateUntilMs: number | null;
  readonly revocationSlaS: number | null;
};

/** The limits that a ticket lifetime and a key period have to keep, with their clauses. */
export function labBounds(policy: KeyPolicy, facts: BoundFacts): Bound[] {
  const { lifetimeS, periodS, retained } = policy;
  const certificateS =
    facts.certificateUntilMs === null ? null : Math.max(0, (facts.certificateUntilMs - facts.nowMs) / 1_000);
  return [
    bound("Ticket lifetime of TLS 1.3", lifetimeS, LONGEST_LIFETIME_S, "RFC 8446 4.6.1, H01"),
    bound("Key encrypts for", periodS, LONGEST_LIFETIME_S, "RFC 9325 3.4, H02"),
    bound("Half of the key's validity", lifetimeS, ((retained + 1) * periodS) / 2, "RFC 9325 3.4, H04"),
    bound("End of the certificate", lifetimeS, certificateS, "H25; no certificate was seen by the prober"),
    bound("Revocation has effect", lifetimeS, facts.revocationSlaS, "H23; not declared for this endpoint"),
  ];
}

/** `clause` names the rule and, after a semicolon, why the limit may be unknown. */
function bound(label: string, valueS: number, limitS: number | null, clause: string): Bound {
  const [rule = "", missing = "not known"] = clause.split("; ");
  if (limitS === null) return { label, limitS, verdict: "unknown", text: `Not known: ${missing} (${rule}).` };
  const over = valueS > limitS;
  const text = `${length(valueS)} ${over ? "is over" : "is within"} ${length(limitS)} (${rule}).`;
  return { label, limitS, verdict: over ? "over" : "ok", text };
}

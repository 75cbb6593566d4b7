import { type Facts, MECHANISM_PARTS, REASON_PARTS } from "../facts.ts";
import type { Evidence } from "../types.ts";
import type { Mode } from "./mode.ts";

/** How many independent observations a composition of reasons is worth: they are of one event. */
const REASON_WEIGHT = 5;
const REASON_FLOOR = 0.015;
/** How far a mechanism's loss may lie from what a mode expects. */
const MECHANISM_WIDTH = 0.28;
/** Below this loss the mechanisms tell nothing. */
const LEAST_LOSS = 0.05;
const UNKNOWN_WIDTH = 0.6;

const WORDS: Readonly<Record<(typeof REASON_PARTS)[number], string>> = {
  unknown_key: "rejected for an unknown key",
  expired: "rejected as expired",
  cache_miss: "missed in the session cache",
  context: "rejected for another context (certificate, SNI, hash)",
  policy_off: "rejected by policy",
  not_offered: "not offered any more",
};

/**
 * Evidence for a mode, in nats against "unknown": how much likelier the facts are if it is this mode. What is not known
 * says nothing.
 */
export function evidenceFor(mode: Mode, facts: Facts): Evidence[] {
  return [
    ...reasonEvidence(mode, facts),
    ...mechanismEvidence(mode, facts),
    ...shapeEvidence(mode, facts),
    ...spreadEvidence(mode, facts),
    ...(mode.also?.(facts) ?? []),
  ];
}

function reasonEvidence(mode: Mode, facts: Facts): Evidence[] {
  const { reasons } = facts;
  if (reasons === null || !mode.reasons) return [];
  const total = REASON_PARTS.reduce((sum, name) => sum + (mode.reasons?.[name] ?? 0) + REASON_FLOOR, 0);
  let weight = 0;
  for (const name of REASON_PARTS) {
    const expected = ((mode.reasons[name] ?? 0) + REASON_FLOOR) / total;
    weight += REASON_WEIGHT * reasons[name] * Math.log(expected * REASON_PARTS.length);
  }
  const [main] = [...REASON_PARTS].sort((a, b) => reasons[b] - reasons[a]);
  if (!main) return [];
  return [{ text: `${percent(reasons[main])} of the missing resumptions were ${WORDS[main]}`, weight }];
}

function mechanismEvidence(mode: Mode, { mechanisms }: Facts): Evidence[] {
  if (!mode.mechanisms) return [];
  const known = MECHANISM_PARTS.filter((name) => mechanisms[name] !== null);
  const worst = Math.max(0.02, ...known.map((name) => mechanisms[name] ?? 0));
  if (known.length < 2 || worst < LEAST_LOSS) return [];
  let weight = 0;
  for (const name of known) {
    const expected = mode.mechanisms[name];
    if (expected === undefined) continue;
    const seen = Math.min(1, Math.max(-0.5, (mechanisms[name] ?? 0) / worst));
    weight += Math.log(UNKNOWN_WIDTH / MECHANISM_WIDTH);
    weight -= 0.5 * ((seen - expected) / MECHANISM_WIDTH) ** 2 - 0.5 * ((seen - 0.5) / UNKNOWN_WIDTH) ** 2;
  }
  const text = known.map((name) => `${name} lost ${percent(Math.max(0, mechanisms[name] ?? 0))}`).join(", ");
  return [{ text, weight: Math.max(-7, weight) }];
}

function shapeEvidence({ shape }: Mode, facts: Facts): Evidence[] {
  if (!shape || facts.shape === null) return [];
  const words = { step: "stays at its level", growing: "grows", fading: "fades" };
  return [{ text: `the loss ${words[facts.shape]}`, weight: Math.log(shape[facts.shape] * 3) }];
}

function spreadEvidence(mode: Mode, facts: Facts): Evidence[] {
  const found: Evidence[] = [];
  if (mode.someNodes !== undefined && facts.nodesAll > 1) {
    const some = facts.nodesHit < facts.nodesAll;
    const text = some ? `${facts.nodesHit} of ${facts.nodesAll} nodes are hit` : "all nodes are hit alike";
    found.push({ text, weight: Math.log(2 * (some ? mode.someNodes : 1 - mode.someNodes)) });
  }
  if (mode.someClasses !== undefined && facts.classesAll > 1) {
    const some = facts.classesHit < facts.classesAll;
    const text = some
      ? `${facts.classesHit} of ${facts.classesAll} client classes are hit`
      : "all client classes are hit";
    found.push({ text, weight: Math.log(2 * (some ? mode.someClasses : 1 - mode.someClasses)) });
  }
  return found;
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}

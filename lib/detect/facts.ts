import type { CacheFacts, KeyFacts } from "./evidence.ts";
import type { Incident } from "./incident.ts";
import { type Excess, excessSince } from "./measure.ts";
import type { Where } from "./scope.ts";
import { STREAM } from "./streams.ts";
import { MINUTE_MS } from "./time.ts";
import type { SignalFamily } from "./types.ts";

/** Why resumptions are missing, as parts of all that are missing. */
export const REASON_PARTS = [
  "unknown_key",
  "expired",
  "cache_miss",
  "context",
  "policy_off",
  "not_offered",
] as const;
export type ReasonPart = (typeof REASON_PARTS)[number];
export const MECHANISM_PARTS = ["session_id", "ticket", "psk"] as const;
export type MechanismPart = (typeof MECHANISM_PARTS)[number];

/** What is known of a departure: what the rules of the modes look at. */
export type Facts = {
  readonly family: SignalFamily;
  /** Part of the usual resumptions that is missing in the scope. */
  readonly loss: number;
  /** null where offers cannot be seen, or too little is missing. */
  readonly reasons: Readonly<Record<ReasonPart, number>> | null;
  /** Missing part of each mechanism's usual resumptions; null where the mechanism hardly occurs. */
  readonly mechanisms: Readonly<Record<MechanismPart, number | null>>;
  readonly shape: "step" | "growing" | "fading" | null;
  /** It was over within minutes, and nothing of it is left. */
  readonly notch: boolean;
  /** Nodes hit, and all of them. */
  readonly nodesHit: number;
  readonly nodesAll: number;
  readonly classesHit: number;
  readonly classesAll: number;
  readonly cache: CacheFacts | null;
  /** What the keys of the nodes that were hit did, and those of the others; null where no keys are read. */
  readonly keys: { readonly hit: KeyMove; readonly others: KeyMove } | null;
  /** Whether rejections for a reason that only replays have were seen. */
  readonly replays: number;
  /** Rise of accepted early data among all handshakes, relative. */
  readonly earlyRise: number;
  readonly fullTime: number;
  readonly resumedTime: number;
};

/** `turned`: the key changed about the onset; `mixed`: of some nodes; null: no such nodes. */
export type KeyMove = "turned" | "kept" | "mixed" | null;

const at = (name: string): number => STREAM[name] ?? 0;
/** A mechanism that does less of the resumptions than this says nothing. */
const LEAST_PART = 0.04;
/** Position of the window whose noise is taken: half an hour, or near it. */
const NOISE_WINDOW = 2;

/** Gathers the facts of an incident at a moment. */
export function factsOf(
  incident: Incident,
  where: Where,
  beside: { readonly nowMs: number; readonly cache: CacheFacts | null; readonly keys: KeyFacts | null },
): Facts {
  const { nowMs } = beside;
  const { endpoint, onsetMs } = incident;
  const span = { onsetMs, fromMs: where.fromMs, toMs: nowMs, nowMs, lasting: where.lasting };
  const of = (name: string): Excess => excessSince(where.groups, at(name), span);
  const resume = of("resume");
  const groups = [...endpoint.groups.values()];
  const nodes = groups.filter(({ kind }) => kind === "node");
  const classes = groups.filter(({ kind, machines }) => kind === "class" && !machines);
  return {
    family: incident.family,
    loss: Math.max(0, -resume.relative),
    reasons: reasonsOf(of, offerNoise(where)),
    mechanisms: {
      session_id: mechanismLoss(of("by_session_id"), resume),
      ticket: mechanismLoss(of("by_ticket"), resume),
      psk: mechanismLoss(of("by_psk"), resume),
    },
    shape: incident.slow ? "growing" : shapeOf(incident, where, nowMs),
    notch: !incident.slow && isNotch(incident, where, nowMs),
    nodesHit: where.nodes?.length ?? nodes.length,
    nodesAll: nodes.length,
    classesHit: where.classes?.length ?? classes.length,
    classesAll: classes.length,
    cache: beside.cache,
    keys: beside.keys && keyMoves(beside.keys, where.nodes),
    replays: endpoint.replaysSince(onsetMs),
    earlyRise: of("early_of_all").relative,
    fullTime: of("full_time").relative,
    resumedTime: of("resumed_time").relative,
  };
}

function keyMoves({ turned, kept }: KeyFacts, nodes: readonly string[] | null): Facts["keys"] {
  const move = (wanted: (node: string) => boolean): KeyMove => {
    const yes = turned.filter(wanted).length;
    const no = kept.filter(wanted).length;
    if (yes + no === 0) return null;
    return no === 0 ? "turned" : yes === 0 ? "kept" : "mixed";
  };
  const hit = (node: string) => nodes === null || nodes.includes(node);
  return { hit: move(hit), others: move((node) => !hit(node)) };
}

function mechanismLoss(own: Excess, resume: Excess): number | null {
  if (own.expected < 8 || own.expected < LEAST_PART * resume.expected) return null;
  return -own.relative;
}

/** How much the offer rate wanders anyway: as the resume rate does, which offers carry along. */
function offerNoise({ groups, lasting }: Where): number {
  const [first] = groups;
  if (!first) return 0;
  const noise = first.noiseOf(at("resume"), NOISE_WINDOW);
  return Math.sqrt((lasting ? noise.step : noise.level).extraVariance);
}

/** Parts of what is missing, by reason: rejections beyond usual, and offers that did not come. */
function reasonsOf(of: (name: string) => Excess, noise: number): Facts["reasons"] {
  const offer = of("offer");
  const accept = of("accept");
  if (offer.trials < 30 || accept.trials < 10) return null;
  const perOffer = (name: string) => Math.max(0, of(name).size * accept.trials);
  const usualAccepted = accept.expected / accept.trials;
  const parts: Record<ReasonPart, number> = {
    unknown_key: perOffer("unknown_key"),
    expired: perOffer("expired"),
    cache_miss: perOffer("cache_miss"),
    context: perOffer("context"),
    policy_off: perOffer("policy_off"),
    not_offered:
      Math.max(0, -offer.size - 1.5 * Math.hypot(offer.error, noise)) * offer.trials * usualAccepted,
  };
  const total = REASON_PARTS.reduce((sum, name) => sum + parts[name], 0);
  if (total < 5) return null;
  for (const name of REASON_PARTS) parts[name] /= total;
  return parts;
}

/** Whether a loss stays, grows or fades, by its first and its last third; null before 20 minutes. */
function shapeOf({ lead, onsetMs }: Incident, where: Where, nowMs: number): Facts["shape"] {
  const elapsed = nowMs - onsetMs;
  if (elapsed < 20 * MINUTE_MS) return null;
  const third = elapsed / 3;
  const loss = (fromMs: number, toMs: number): Excess =>
    excessSince(where.groups, lead.s, { onsetMs, fromMs, toMs, nowMs, lasting: where.lasting });
  const first = loss(onsetMs, onsetMs + third);
  const last = loss(nowMs - third, nowMs);
  const before = first.size * lead.stream.harm;
  const after = last.size * lead.stream.harm;
  const noise = 2 * Math.hypot(first.error, last.error);
  if (after < 0.7 * before - noise) return "fading";
  if (after > 1.5 * before + noise) return "growing";
  return "step";
}

/** Steps in which it is looked whether a loss is there. */
const NOTCH_STEP_MS = 5 * MINUTE_MS;

/**
 * Whether a loss ended at once: large in its first minutes, nothing in the last ten, and no tail in between, as tickets that
 * have to be made anew would leave (DOMAIN 4.0, law 2).
 */
function isNotch({ lead, onsetMs }: Incident, where: Where, nowMs: number): boolean {
  if (nowMs - onsetMs < 20 * MINUTE_MS) return false;
  const span = { onsetMs, nowMs, lasting: where.lasting };
  const size = (fromMs: number, toMs: number): number =>
    excessSince(where.groups, lead.s, { ...span, fromMs, toMs }).size * lead.stream.harm;
  const first = size(onsetMs, onsetMs + NOTCH_STEP_MS);
  const rest = size(nowMs - Math.min(10 * MINUTE_MS, (nowMs - onsetMs) / 2), nowMs);
  if (first <= 2 * lead.stream.smallest || rest >= 0.06 * first) return false;
  // A notch is there or it is not; tickets that are made anew bring the rate back little by little.
  let partly = 0;
  for (let fromMs = onsetMs + NOTCH_STEP_MS; fromMs + NOTCH_STEP_MS <= nowMs; fromMs += NOTCH_STEP_MS) {
    const part = size(fromMs, fromMs + NOTCH_STEP_MS) / first;
    if (part > 0.12 && part < 0.75) partly += 1;
  }
  return partly <= 1;
}

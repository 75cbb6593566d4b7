import type { TelemetryRow } from "../../lib/detect/types.ts";
import type { Result } from "../../lib/domain/handshake.ts";
import type { Protocol } from "../../lib/domain/vocabulary.ts";

/** Made-up traffic for the detector: counts drawn from binomials whose rate wanders, as real resume rates do. */
export const HOUR_MS = 3_600_000;
export const BUCKET_MS = 300_000;
/** A Monday, midnight UTC. */
export const BEGIN_MS = Date.UTC(2026, 0, 5);

export type ClassModel = {
  readonly family: string;
  readonly protocol: Protocol;
  /** Handshakes a minute over all nodes, resume rate, accept rate. */
  readonly perMinute: number;
  readonly resume: number;
  readonly accept: number;
};
export type Model = {
  readonly endpoint: string;
  readonly nodes: readonly string[];
  readonly classes: readonly ClassModel[];
  /** Standard deviation of the slow noise of the resume rate, relative. */
  readonly wander: number;
  /** How a class's rate and volume depart on a node at a moment; 1 = as usual. */
  readonly effect?: (at: { readonly hours: number; readonly node: string; readonly family: string }) => {
    readonly accept?: number;
    readonly volume?: number;
    readonly newcomers?: number;
  };
  /** Whether a node's rows of a bucket are lost, or how many buckets late they come. */
  readonly delivery?: (at: { readonly hours: number; readonly node: string }) => "lost" | number;
};

export const SHOP: Model = {
  endpoint: "shop.example",
  nodes: ["n-1", "n-2", "n-3"],
  classes: [
    { family: "chrome", protocol: "TLSv1.3", perMinute: 300, resume: 0.45, accept: 0.985 },
    { family: "ios", protocol: "TLSv1.3", perMinute: 200, resume: 0.6, accept: 0.98 },
    { family: "java", protocol: "TLSv1.2", perMinute: 120, resume: 0.8, accept: 0.99 },
  ],
  wander: 0.01,
};

/** A small generator of equal numbers on every machine (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function binomial(random: () => number, n: number, p: number): number {
  if (n <= 0) return 0;
  const mean = n * p;
  const spread = Math.sqrt(mean * (1 - p));
  if (Math.min(mean, n - mean) > 12)
    return Math.min(n, Math.max(0, Math.round(mean + spread * normal(random))));
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random() < p) hits += 1;
  return hits;
}

const RESULT: Result = {
  outcome: "full",
  offer: "none",
  mechanism: null,
  reason: null,
  earlyData: null,
  earlyDataReason: null,
};

/** What arrives in one bucket. */
export type Delivery = { readonly nowMs: number; readonly rows: readonly TelemetryRow[] };

/** Buckets of a model for so many hours, in the order in which they arrive. */
export function* traffic(model: Model, hours: number, seed: number): Generator<Delivery> {
  const random = dice(seed);
  const wander = new Map<string, number>();
  const late = new Map<number, TelemetryRow[]>();
  const buckets = (hours * HOUR_MS) / BUCKET_MS;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const atMs = BEGIN_MS + bucket * BUCKET_MS;
    const at = (bucket * BUCKET_MS) / HOUR_MS;
    const day = 1 + 0.4 * Math.sin((2 * Math.PI * (at - 9)) / 24);
    const rows: TelemetryRow[] = late.get(bucket) ?? [];
    late.delete(bucket);
    for (const one of model.classes) {
      // An hour's correlation: what wanders is the clients' habit, the same on all nodes.
      const before = wander.get(one.family) ?? 0;
      const keep = Math.exp(-BUCKET_MS / HOUR_MS);
      const now = keep * before + Math.sqrt(1 - keep * keep) * model.wander * normal(random);
      wander.set(one.family, now);
      for (const node of model.nodes) {
        const made = rowsOf(model, one, { atMs, hours: at, node, day, rate: one.resume * (1 + now), random });
        const delivery = model.delivery?.({ hours: at, node }) ?? 0;
        if (delivery === "lost") continue;
        if (delivery === 0) rows.push(...made);
        else late.set(bucket + delivery, [...(late.get(bucket + delivery) ?? []), ...made]);
      }
    }
    yield { nowMs: atMs + BUCKET_MS, rows };
  }
}

function rowsOf(
  model: Model,
  one: ClassModel,
  at: { atMs: number; hours: number; node: string; day: number; rate: number; random: () => number },
): TelemetryRow[] {
  const { random } = at;
  const effect = model.effect?.({ hours: at.hours, node: at.node, family: one.family }) ?? {};
  const usual = (one.perMinute * (BUCKET_MS / 60_000) * at.day * (effect.volume ?? 1)) / model.nodes.length;
  const n = Math.max(0, Math.round(usual + Math.sqrt(usual) * normal(random)));
  const offered = binomial(random, n, Math.min(0.99, at.rate / one.accept));
  const accepted = binomial(random, offered, one.accept * (effect.accept ?? 1));
  const newcomers = Math.round(usual * (effect.newcomers ?? 0));
  const segment = {
    endpoint: model.endpoint,
    node: at.node,
    region: at.node,
    family: one.family,
    protocol: one.protocol,
  };
  const row = (result: Result, count: number): TelemetryRow[] =>
    count > 0
      ? [{ atMs: at.atMs, segment, result, count, handshakeUsSum: count * 20_000, timedCount: count }]
      : [];
  const offer = one.protocol === "TLSv1.3" ? "psk" : "ticket";
  return [
    ...row({ ...RESULT, outcome: "resumed", offer, mechanism: offer }, accepted),
    ...row({ ...RESULT, offer, reason: "unknown_key" }, offered - accepted),
    ...row(RESULT, n - offered + newcomers),
  ];
}

import type { Endpoint } from "./endpoint.ts";
import type { Group } from "./group.ts";
import type { Incident } from "./incident.ts";
import { excessSince } from "./measure.ts";
import { STREAM, STREAMS } from "./streams.ts";
import { HOUR_MS } from "./time.ts";

/**
 * A part belongs to the scope when its loss is at least this much of the worst part's: much for nodes, since clients that wander
 * carry a sick node's losses to the others; little for classes, since they use what is broken more or less.
 */
const NODE_BELONGS = 0.45;
const CLASS_BELONGS = 0.12;
/** Position of the window whose noise between nodes or classes is taken, half an hour or near it: against peers. */
/** Part of the PSK handshakes that usually carry early data, where any do. */
const LEAST_EARLY = 0.005;
const PEERS_NOISE = 2 + 8;

/** The smallest scope that carries a departure; null parts are not restricted. */
export type Where = {
  readonly nodes: readonly string[] | null;
  /** Keys of classes. */
  readonly classes: readonly string[] | null;
  /** Groups that stand for it, without overlap. */
  readonly groups: readonly Group[];
  readonly onsetMs: number;
  readonly fromMs: number;
  readonly lasting: boolean;
};

type Part = { readonly group: Group; readonly loss: number; readonly error: number; readonly weight: number };

/** Where a departure is, as far as it shows at `nowMs`. */
export function whereOf(incident: Incident, nowMs: number): Where {
  const { endpoint, lead, onsetMs } = incident;
  const { slow } = incident;
  const fromMs = slow ? Math.max(onsetMs, nowMs - 12 * HOUR_MS) : onsetMs;
  const span = { onsetMs, fromMs, toMs: nowMs, nowMs, lasting: !slow };
  const s = scopeStream(lead.s);
  const customers = STREAMS[s]?.customersOnly ?? false;
  const groups = [...endpoint.groups.values()];
  const nodes = select(
    partsOf(
      groups.filter(({ kind }) => kind === "node"),
      s,
      span,
    ),
    NODE_BELONGS,
  );
  const usable = groups.filter((group) => group.kind === "class" && !(customers && group.machines));
  const parts = partsOf(usable, s, span);
  // Who never sends early data is not hit when it is refused.
  const senders = incident.family === "early_data" && parts.length < usable.length;
  const classes = select(parts, CLASS_BELONGS) ?? (senders ? parts.map(({ group }) => group) : null);
  const named = (chosen: readonly Group[] | null) => chosen?.map(({ name }) => name) ?? null;
  return {
    nodes: named(nodes),
    classes: named(classes),
    groups: nodes ?? classes ?? groups.filter(({ kind }) => kind === "endpoint"),
    onsetMs,
    fromMs,
    lasting: !slow,
  };
}

/** Tickets that are no longer made are missed as offers that do not come: the resume rate shows where. */
function scopeStream(s: number): number {
  return s === STREAM.policy_off ? (STREAM.resume ?? s) : s;
}

function partsOf(
  groups: readonly Group[],
  s: number,
  span: { onsetMs: number; fromMs: number; toMs: number; nowMs: number; lasting: boolean },
): Part[] {
  const stream = STREAMS[s];
  return groups.flatMap((group) => {
    const excess = excessSince([group], s, span);
    if (excess.trials <= 0 || !stream) return [];
    if (stream.family === "early_data" && group.kind === "class" && !sendsEarlyData(group, span)) return [];
    const between = Math.sqrt(group.noiseOf(s, PEERS_NOISE).step.extraVariance);
    const falling = stream.harm < 0;
    // What falls is judged as a part of what was there, what rises as a part of all.
    const scale = falling && excess.expected > 0 ? excess.trials / excess.expected : 1;
    return [
      {
        group,
        loss: excess.size * stream.harm * scale,
        error: Math.max(Math.hypot(excess.error, between) * scale, 1e-6),
        weight: excess.trials,
      },
    ];
  });
}

/** Whether a group usually sends early data, as expected in the time. */
function sendsEarlyData(group: Group, span: Parameters<typeof excessSince>[2]): boolean {
  const { expected, trials } = excessSince([group], STREAM.early ?? 0, span);
  return expected > LEAST_EARLY * trials;
}

/** The parts that share the loss; null when all do. A part is left out only where its loss is clearly too small. */
function select(parts: readonly Part[], belongs: number): Group[] | null {
  if (parts.length < 2) return null;
  const strong = parts.filter(({ loss, error }) => loss > 3 * error);
  if (strong.length === 0) return null;
  // The worst part, drawn down as far as it is uncertain.
  const worst = Math.max(...strong.map(({ loss, error }) => loss - 0.5 * error));
  const limit = belongs * worst;
  const inside = parts.filter(({ loss, error }) => loss >= limit && loss > 2 * error);
  const outside = parts.filter(({ loss, error }) => loss + error < Math.max(limit, 0.3 * worst));
  if (outside.length === 0 || inside.length === 0) return null;
  const unsure = parts.filter((part) => !inside.includes(part) && !outside.includes(part));
  // What cannot be told goes with the greater part.
  return (inside.length > outside.length ? [...inside, ...unsure] : inside).map(({ group }) => group);
}

/** A scope in the words of segments: families and protocols of its classes. */
export function familiesAndProtocols(
  endpoint: Endpoint,
  classes: readonly string[] | null,
  customersOnly: boolean,
): { families: string[] | null; protocols: string[] | null } {
  if (classes === null) return { families: null, protocols: null };
  const all = [...endpoint.classes].filter(([, { machines }]) => !(customersOnly && machines));
  const inside = all.filter(([key]) => classes.includes(key)).map(([, traffic]) => traffic);
  const families = [...new Set(inside.map(({ family }) => family))].filter((name) => name !== null);
  const protocols = [...new Set(inside.map(({ protocol }) => protocol))].filter((name) => name !== null);
  const allProtocols = new Set(
    all.filter(([, t]) => families.some((f) => f === t.family)).map(([, t]) => t.protocol),
  );
  return { families, protocols: protocols.length === allProtocols.size ? null : protocols };
}

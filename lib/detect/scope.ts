import type { Endpoint } from "./endpoint.ts";
import type { Group } from "./group.ts";
import type { Incident } from "./incident.ts";
import { excessSince } from "./measure.ts";
import { STREAM, STREAMS } from "./streams.ts";
import { HOUR_MS } from "./time.ts";

/** A part belongs to the scope when its loss is at least this much of the worst part's. */
const BELONGS = 0.45;

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
  const slow = lead.yardstick === "level";
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
  );
  const classes = select(
    partsOf(
      groups.filter((group) => group.kind === "class" && !(customers && group.machines)),
      s,
      span,
    ),
  );
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
    const falling = stream.harm < 0;
    // What falls is judged as a part of what was there, what rises as a part of all.
    const scale = falling && excess.expected > 0 ? excess.trials / excess.expected : 1;
    return [
      {
        group,
        loss: excess.size * stream.harm * scale,
        error: Math.max(excess.error * scale, 1e-6),
        weight: excess.trials,
      },
    ];
  });
}

/** The parts that share the loss; null when all do. Small parts that cannot be told apart follow the others. */
function select(parts: readonly Part[]): Group[] | null {
  if (parts.length < 2) return null;
  const strong = parts.filter(({ loss, error }) => loss > 3 * error);
  if (strong.length === 0) return null;
  // The worst part, drawn towards the others as far as it is uncertain.
  const worst = Math.max(...strong.map(({ loss, error }) => loss - error));
  const chosen: Group[] = [];
  const unsure: Group[] = [];
  let left = 0;
  for (const { group, loss, error } of parts) {
    const limit = BELONGS * worst;
    if (2 * error > worst - limit && loss + 2 * error > limit && loss - 2 * error < limit) unsure.push(group);
    else if (loss >= limit) chosen.push(group);
    else left += 1;
  }
  if (left === 0) return null;
  if (chosen.length === 0) return null;
  return chosen.length > left ? [...chosen, ...unsure] : chosen;
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

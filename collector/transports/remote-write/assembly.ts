import { Lru } from "../../../lib/runtime/lru.ts";
import type { ObservedGroup } from "../../counters/points.ts";
import type { Observation } from "../../sources/metric-source.ts";

/** Scopes whose last parts are kept, and moments kept of one. */
const MAX_SCOPES = 5_000;
const MAX_MOMENTS = 20;

type Pending = {
  /** Names that a whole observation has; null until the first whole one was seen. */
  expected: Set<string> | null;
  /** The moment of the last whole observation. */
  doneMs: number;
  readonly parts: Map<number, Observation>;
};

/**
 * Puts observations together that remote write sends in parts: it cuts a scrape anywhere, into requests of their own. A
 * part taken for the whole would be wrong (handshakes without their resumptions look like full ones). An observation is
 * whole when it has every name that the one before had. Totals only grow, so a moment that stays incomplete is left out
 * at no loss: the next whole one tells of it too, and so does the next push after a crash.
 */
export class Assembly {
  readonly #scopes = new Lru<string, Pending>(MAX_SCOPES);

  /** Takes the parts of one push; answers what is whole now, of each scope in the order of time. */
  take(groups: readonly ObservedGroup[]): ObservedGroup[] {
    return groups.map((group) => {
      const touched = new Set<Pending>();
      for (const part of group.observations) {
        const pending = this.#pending(group, part.scope);
        addPart(pending, part);
        touched.add(pending);
      }
      return { ...group, observations: [...touched].flatMap(wholeOnes) };
    });
  }

  #pending({ source, sender }: ObservedGroup, scope: string): Pending {
    const key = JSON.stringify([source.name, sender, scope]);
    const pending = this.#scopes.get(key) ?? {
      expected: null,
      doneMs: Number.NEGATIVE_INFINITY,
      parts: new Map(),
    };
    this.#scopes.set(key, pending);
    return pending;
  }
}

function addPart(pending: Pending, part: Observation): void {
  if (part.atMs <= pending.doneMs) {
    // Too late for its moment, but from now on it is waited for.
    if (pending.expected) for (const name of namesOf(part)) pending.expected.add(name);
    return;
  }
  const known = pending.parts.get(part.atMs);
  pending.parts.set(part.atMs, known ? merged(known, part) : part);
}

function merged(a: Observation, b: Observation): Observation {
  return { ...a, totals: { ...a.totals, ...b.totals }, gauges: { ...a.gauges, ...b.gauges } };
}

function namesOf({ totals, gauges }: Observation): string[] {
  return [...Object.keys(totals), ...Object.keys(gauges)];
}

function wholeOnes(pending: Pending): Observation[] {
  const moments = [...pending.parts.values()].sort((a, b) => a.atMs - b.atMs);
  pending.expected ??= firstWhole(moments);
  // Nothing was whole for so long: a series has ended. What is there is the whole now.
  if (moments.length > MAX_MOMENTS) pending.expected = new Set(moments[0] ? namesOf(moments[0]) : []);
  const { expected } = pending;
  if (!expected) return [];
  const whole: Observation[] = [];
  for (const observation of moments) {
    const names = new Set(namesOf(observation));
    if (!isWithin(expected, names)) continue;
    for (const name of names) expected.add(name);
    whole.push(observation);
    pending.doneMs = observation.atMs;
  }
  for (const { atMs } of moments) if (atMs <= pending.doneMs) pending.parts.delete(atMs);
  return whole;
}

/** The names of the first moment, once all of them have come again: then nothing more of the first is on its way. */
function firstWhole(moments: readonly Observation[]): Set<string> | null {
  const [first, ...later] = moments;
  if (!first || later.length === 0) return null;
  const again = new Set(later.flatMap(namesOf));
  const names = new Set(namesOf(first));
  return isWithin(names, again) ? names : null;
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  for (const name of part) if (!whole.has(name)) return false;
  return true;
}

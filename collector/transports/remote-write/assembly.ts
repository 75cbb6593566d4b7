import { Lru } from "../../../lib/runtime/lru.ts";
import type { CounterState } from "../../../lib/store/port.ts";
import type { ObservedGroup } from "../../counters/points.ts";
import type { Observation } from "../../sources/metric-source.ts";

/** Scopes remembered, and incomplete moments kept of one: the newest. */
const MAX_SCOPES = 5_000;
const MAX_MOMENTS = 100;
/** A series has ended when it was missing in so many moments, and for so long by the collector's clock. */
const MISSING_MOMENTS = 10;
const MISSING_MS = 300_000;

/** One counter or gauge of a scope: since which moment, the last one, and when that arrived. */
type Name = { sinceMs: number; lastMs: number; arrivedMs: number };
type Scope = {
  readonly names: Map<string, Name>;
  /** Whether `names` is all: some of it came again in a later push. */
  isKnown: boolean;
  /** The moment of the last whole observation. */
  doneMs: number;
  readonly parts: Map<number, Observation>;
};

/**
 * Puts observations together that remote write sends in parts: it cuts a scrape anywhere, into requests of their own. A
 * part taken for the whole would be wrong (handshakes without their resumptions look like full ones). An observation is
 * whole when it has every name that its scope has. Totals only grow, so a moment that stays incomplete is left out at no
 * loss: the next whole one tells of it too, and so does the next push after a crash.
 */
export class Assembly {
  readonly #scopes = new Lru<string, Scope>(MAX_SCOPES);

  /** Begins with the counters that were known before a restart. */
  constructor(states: Iterable<CounterState>, nowMs: number) {
    for (const { source, sender, scope, totals } of states) {
      const names = Object.keys(totals).map((name): [string, Name] => [
        name,
        { sinceMs: Number.NEGATIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY, arrivedMs: nowMs },
      ]);
      this.#scopes.set(keyOf(source, sender, scope), { ...noScope(), names: new Map(names), isKnown: true });
    }
  }

  /** Takes the parts of one push; answers what is whole now, of each scope in the order of time. */
  take(groups: readonly ObservedGroup[], nowMs: number): ObservedGroup[] {
    return groups.map((group) => {
      const parts = Map.groupBy(group.observations, ({ scope }) => scope);
      const whole = [...parts].flatMap(([scope, own]) =>
        takeParts(this.#scope(keyOf(group.source.name, group.sender, scope)), own, nowMs),
      );
      return { ...group, observations: whole };
    });
  }

  #scope(key: string): Scope {
    const scope = this.#scopes.get(key) ?? noScope();
    this.#scopes.set(key, scope);
    return scope;
  }
}

const keyOf = (source: string, sender: string, scope: string): string =>
  JSON.stringify([source, sender, scope]);

function noScope(): Scope {
  return { names: new Map(), isKnown: false, doneMs: Number.NEGATIVE_INFINITY, parts: new Map() };
}

function takeParts(scope: Scope, parts: readonly Observation[], nowMs: number): Observation[] {
  // Asked before this push is taken in: one with many moments of one series shows nothing of the others.
  scope.isKnown ||= parts.some((part) =>
    namesOf(part).some((name) => part.atMs > (scope.names.get(name)?.lastMs ?? Number.POSITIVE_INFINITY)),
  );
  for (const part of parts) {
    remember(scope, part, nowMs);
    const known = scope.parts.get(part.atMs);
    if (part.atMs > scope.doneMs) scope.parts.set(part.atMs, known ? merged(known, part) : part);
  }
  const moments = [...scope.parts.values()].sort((a, b) => a.atMs - b.atMs);
  const whole = scope.isKnown ? wholeOnes(scope, moments, nowMs) : [];
  scope.doneMs = whole.at(-1)?.atMs ?? scope.doneMs;
  for (const [index, { atMs }] of moments.entries())
    if (atMs <= scope.doneMs || index < moments.length - MAX_MOMENTS) scope.parts.delete(atMs);
  return whole;
}

function remember({ names }: Scope, part: Observation, nowMs: number): void {
  for (const name of namesOf(part)) {
    const known = names.get(name) ?? { sinceMs: part.atMs, lastMs: part.atMs, arrivedMs: nowMs };
    names.set(name, {
      sinceMs: Math.min(known.sinceMs, part.atMs),
      lastMs: Math.max(known.lastMs, part.atMs),
      arrivedMs: nowMs,
    });
  }
}

function wholeOnes(scope: Scope, moments: readonly Observation[], nowMs: number): Observation[] {
  for (const [name, { lastMs, arrivedMs }] of scope.names) {
    const missed = moments.filter(({ atMs }) => atMs > lastMs).length;
    if (missed >= MISSING_MOMENTS && nowMs - arrivedMs > MISSING_MS) scope.names.delete(name);
  }
  const wanted = [...scope.names];
  return moments.filter((moment) => {
    const has = new Set(namesOf(moment));
    return wanted.every(([name, { sinceMs }]) => sinceMs > moment.atMs || has.has(name));
  });
}

function merged(a: Observation, b: Observation): Observation {
  return { ...a, totals: { ...a.totals, ...b.totals }, gauges: { ...a.gauges, ...b.gauges } };
}

function namesOf({ totals, gauges }: Observation): string[] {
  return [...Object.keys(totals), ...Object.keys(gauges)];
}

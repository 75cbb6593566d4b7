import { Lru } from "../../lib/runtime/lru.ts";
import type { SourceKey } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";

/** Readings that wait for their other parts. One that has to go is made up for by the next: totals are cumulative. */
const MAX_WAITING = 10_000;

export type Whole = {
  /** Null while a part has not come. */
  readonly observation: Observation | null;
  /** A total that never came of an earlier reading; null where nothing was missed. */
  readonly missing: string | null;
};

/** Puts readings together that came in several deliveries, where their totals only mean something together. */
export class Parts {
  readonly #waiting = new Lru<string, Observation>(MAX_WAITING);

  /** The reading with the parts of the same moment that came before it. */
  join(key: SourceKey, observation: Observation, groups: readonly (readonly string[])[]): Whole {
    const name = JSON.stringify([key.source, key.sender, observation.scope]);
    const waiting = this.#waiting.get(name) ?? null;
    const whole = waiting?.atMs === observation.atMs ? merged(waiting, observation) : observation;
    const isWhole = missingIn(whole, groups) === null;
    if (isWhole) this.#waiting.delete(name);
    else this.#waiting.set(name, whole);
    const lost = waiting !== null && waiting.atMs < whole.atMs ? waiting : null;
    return { observation: isWhole ? whole : null, missing: lost && missingIn(lost, groups) };
  }
}

/** A total that is missing beside others of its group; a group of which none is told is of something else. */
function missingIn({ totals }: Observation, groups: readonly (readonly string[])[]): string | null {
  const broken = groups.filter((names) => names.some((name) => totals[name] !== undefined));
  return broken.flat().find((name) => totals[name] === undefined) ?? null;
}

function merged(a: Observation, b: Observation): Observation {
  const totals = { ...a.totals, ...b.totals };
  return { ...b, totals, gauges: { ...a.gauges, ...b.gauges }, startedMs: b.startedMs ?? a.startedMs };
}

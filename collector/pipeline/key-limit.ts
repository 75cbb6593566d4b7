import type { KeySight } from "../../lib/domain/keys.ts";
import { OVERFLOW_NAME } from "../../lib/domain/vocabulary.ts";
import type { CommittedKey } from "../../lib/store/port-keys.ts";

const HOUR_MS = 3_600_000;
/** Names of keys that a node makes, opens or holds in an hour; a fleet that rotates every minute has 60. */
export const MOST_NAMES = 64;
/** Names that were only refused: clients can make these up, so few are enough to see what is wrong. */
export const MOST_REFUSED_NAMES = 16;
/** Names at places that are kept apart in one hour of arrival, over all. */
export const MOST_PAIRS = 20_000;

/** A name that was made up by clients is never more than refused. */
const isGenuine = ({ use }: KeySight): boolean => use !== "refused";

/**
 * Bounds the names of keys, so that a node which makes a key for every connection (FM-19), or clients that make names up, fill
 * neither memory nor store: what is beyond the limit of a place and hour counts under "(other)". Names that nodes made or
 * opened come first, and a refusal of such a name is always told apart.
 */
export class KeyLimit {
  #hourOfArrival = Number.NaN;
  #genuine = new Set<string>();
  #places = new Map<string, { readonly genuine: Set<string>; readonly refused: Set<string> }>();
  #pairs = 0;

  /** Sights by hashed name, those beyond a limit summed under "(other)"; `beyond` is how many uses those were. */
  admit(sights: readonly CommittedKey[], nowMs: number): { keys: CommittedKey[]; beyond: number } {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour !== this.#hourOfArrival) this.#forget(hour);
    const keys: CommittedKey[] = [];
    const others = new Map<string, CommittedKey>();
    let beyond = 0;
    for (const sight of [...sights.filter(isGenuine), ...sights.filter((one) => !isGenuine(one))]) {
      if (this.#admits(sight)) {
        keys.push(sight);
        continue;
      }
      beyond += sight.count;
      const other = this.#other(sight);
      const { bucketStartMs, endpoint, node, use, source } = other;
      const key = JSON.stringify([bucketStartMs, endpoint, node, use, source]);
      others.set(key, merged(others.get(key), other));
    }
    return { keys: [...keys, ...others.values()], beyond };
  }

  /** Where it counts instead; once all room is taken, places are not told apart either. */
  #other(sight: CommittedKey): CommittedKey {
    const place = this.#pairs < MOST_PAIRS ? {} : { endpoint: OVERFLOW_NAME, node: OVERFLOW_NAME };
    return { ...sight, ...place, keyName: OVERFLOW_NAME, lifetimeHintS: null };
  }

  #forget(hour: number): void {
    this.#hourOfArrival = hour;
    this.#genuine = new Set();
    this.#places = new Map();
    this.#pairs = 0;
  }

  #admits(sight: CommittedKey): boolean {
    const hour = Math.floor(sight.bucketStartMs / HOUR_MS);
    const key = `${hour}\u0001${sight.endpoint ?? "\u0002"}\u0001${sight.node ?? "\u0002"}`;
    let place = this.#places.get(key);
    if (!place) {
      place = { genuine: new Set(), refused: new Set() };
      if (this.#pairs < MOST_PAIRS) this.#places.set(key, place);
    }
    const known = isGenuine(sight) || this.#genuine.has(sight.keyName);
    const [names, most] = known ? [place.genuine, MOST_NAMES] : [place.refused, MOST_REFUSED_NAMES];
    if (names.has(sight.keyName)) return true;
    // A genuine name that is refused here is what all of this is for: bounded by how many are genuine at all.
    if ((isGenuine(sight) || !known) && names.size >= most) return false;
    if (this.#pairs >= MOST_PAIRS) return false;
    names.add(sight.keyName);
    if (isGenuine(sight)) this.#genuine.add(sight.keyName);
    this.#pairs += 1;
    return true;
  }
}

function merged(into: CommittedKey | undefined, more: CommittedKey): CommittedKey {
  if (!into) return more;
  return {
    ...into,
    count: into.count + more.count,
    firstMs: Math.min(into.firstMs, more.firstMs),
    lastMs: Math.max(into.lastMs, more.lastMs),
  };
}

import type { CacheReading, DetectorChange, Silence } from "../../lib/detect/types.ts";
import type { CacheSample, Change } from "../../lib/domain/handshake.ts";
import { growth } from "../../lib/domain/totals.ts";
import { Lru } from "../../lib/runtime/lru.ts";

const only = (name: string | null): string[] | null => (name === null ? null : [name]);

/** A recorded change as the detector takes it. Part of the system and key group are not recorded, so not known. */
export function detectorChange(change: Change): DetectorChange {
  const { id, atMs, kind, endpoint, node, region } = change;
  const scope = { endpoints: only(endpoint), nodes: only(node), regions: only(region), families: null };
  return { id, atMs, kind, component: null, ...scope, keyGroup: null };
}

/** The announced time of a drill; null for anything else. */
export function silenceOf({ id, kind, atMs, endMs, endpoint, node }: Change): Silence | null {
  if (kind !== "drill" || endMs === null) return null;
  return { id, startMs: atMs, endMs, endpoints: only(endpoint), nodes: only(node) };
}

/** Changes that are remembered as told. */
const MOST_CHANGES = 50_000;

/** Changes in the order in which they come due, each once however often it is read. */
export class ChangeQueue {
  #waiting: Change[] = [];
  readonly #seen = new Lru<string, true>(MOST_CHANGES);

  /** Answers those that are new. */
  add(changes: readonly Change[]): Change[] {
    const fresh = changes.filter(({ id }) => this.#seen.get(id) === undefined);
    for (const { id } of fresh) this.#seen.set(id, true);
    if (fresh.length) this.#waiting = [...this.#waiting, ...fresh].sort((a, b) => a.atMs - b.atMs);
    return fresh;
  }

  /** Those that have happened by a moment. */
  due(ms: number): Change[] {
    const ready = this.#waiting.filter(({ atMs }) => atMs <= ms);
    if (ready.length) this.#waiting = this.#waiting.filter(({ atMs }) => atMs > ms);
    return ready;
  }
}

/** Totals of session caches into increases. */
export class CacheGrowth {
  readonly #last = new Map<string, CacheSample>();

  readings(samples: readonly CacheSample[]): CacheReading[] {
    return samples.map((sample) => {
      const key = JSON.stringify([sample.endpoint, sample.node, sample.cache]);
      const before = this.#last.get(key);
      this.#last.set(key, sample);
      return {
        atMs: sample.atMs,
        endpoint: sample.endpoint,
        cache: sample.cache ?? sample.node ?? "cache",
        hits: growth(before?.hits, sample.hits),
        misses: growth(before?.misses, sample.misses),
        evictions: growth(before?.evictions, sample.evictions),
        entries: sample.entries,
        capacity: sample.capacity,
      };
    });
  }
}

import { Rotations } from "./rotations.ts";
import { DAY_MS, HOUR_MS } from "./time.ts";
import type { CacheReading, DetectorChange, KeyReading } from "./types.ts";

/** Changes are remembered so long: for causes, and for how often such changes happen. */
const MEMORY_MS = 14 * DAY_MS;
const MOST_CHANGES = 20_000;
/** Readings of one cache or key that are kept: two days of one every ten minutes. */
const MOST_READINGS = 300;
const MOST_CACHES = 2_000;

/** What an endpoint's caches did about an onset. */
export type CacheFacts = {
  /** Entries fell by most, and nothing says that the cache was made smaller. */
  readonly emptied: boolean;
  /** The capacity shrank, or entries are thrown out that were not before. */
  readonly crowded: boolean;
};

/** What nodes' keys did about an onset. */
export type KeyFacts = {
  /** Nodes whose key changed, and nodes that kept theirs. */
  readonly turned: readonly string[];
  readonly kept: readonly string[];
};

/** What is known beside handshakes: changes, keys, caches. */
export class Evidence {
  readonly rotations = new Rotations();
  #changes: DetectorChange[] = [];
  #firstMs = Number.POSITIVE_INFINITY;
  readonly #caches = new Map<string, CacheReading[]>();
  readonly #keys = new Map<string, KeyReading[]>();

  change(change: DetectorChange): void {
    this.rotations.change(change);
    this.#changes.push(change);
    this.#firstMs = Math.min(this.#firstMs, change.atMs);
    if (this.#changes.length > MOST_CHANGES) this.#changes.splice(0, MOST_CHANGES / 10);
  }

  cache(reading: CacheReading): void {
    keep(this.#caches, `${reading.endpoint}\u0000${reading.cache}`, reading);
  }

  key(reading: KeyReading): void {
    this.rotations.reading(reading);
    keep(this.#keys, `${reading.keyGroup}\u0000${reading.node}`, reading);
  }

  get changes(): readonly DetectorChange[] {
    return this.#changes;
  }

  /** Whether anything was changed at an endpoint, or everywhere, within [fromMs, toMs]. */
  changed(endpoint: string, fromMs: number, toMs: number): boolean {
    return this.#changes.some(
      ({ atMs, endpoints }) =>
        atMs >= fromMs && atMs <= toMs && (endpoints === null || endpoints.includes(endpoint)),
    );
  }

  /** Length of the time over which changes are known, at least a day. */
  observedMs(nowMs: number): number {
    return Math.min(MEMORY_MS, Math.max(DAY_MS, nowMs - this.#firstMs));
  }

  /** What the caches of an endpoint did about an onset; null where none is read, or nothing was read since. */
  cacheFacts(endpoint: string, onsetMs: number): CacheFacts | null {
    let known = false;
    let emptied = false;
    let crowded = false;
    for (const readings of this.#caches.values()) {
      if (readings[0]?.endpoint !== endpoint) continue;
      const before = readings.filter(({ atMs }) => atMs <= onsetMs && atMs > onsetMs - 2 * HOUR_MS);
      const after = readings.filter(({ atMs }) => atMs > onsetMs);
      const last = before.at(-1);
      const first = after[0];
      if (!last || !first) continue;
      known = true;
      const usualEvictions = mean(before.map(({ evictions }) => evictions ?? 0));
      const evictions = mean(after.map((reading) => reading.evictions ?? 0));
      const inserts = mean(after.map(({ misses }) => misses ?? 0));
      const smaller = (first.capacity ?? 0) < 0.9 * (last.capacity ?? 0);
      if (smaller || evictions > 2 * usualEvictions + 0.1 * inserts + 3) crowded = true;
      else if ((first.entries ?? 0) < 0.5 * (last.entries ?? 0)) emptied = true;
    }
    return known ? { emptied: emptied && !crowded, crowded } : null;
  }

  /** What the keys of an endpoint's nodes did; null where none were read since the onset. */
  keyFacts(endpoint: string, onsetMs: number): KeyFacts | null {
    const group = this.rotations.groupOf(endpoint);
    if (group === null) return null;
    const turned: string[] = [];
    const kept: string[] = [];
    for (const readings of this.#keys.values()) {
      if (readings[0]?.keyGroup !== group) continue;
      const before = readings.findLast(({ atMs }) => atMs <= onsetMs);
      const after = readings.find(({ atMs }) => atMs > onsetMs);
      if (before && after) (before.keyName === after.keyName ? kept : turned).push(after.node);
    }
    return turned.length + kept.length > 0 ? { turned, kept } : null;
  }
}

function keep<T>(map: Map<string, T[]>, key: string, reading: T): void {
  const list = map.get(key);
  if (!list) {
    if (map.size < MOST_CACHES) map.set(key, [reading]);
    return;
  }
  list.push(reading);
  if (list.length > MOST_READINGS) list.shift();
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What is known of keys at nodes, arranged by key and by place. Everything here rests on sightings, so it is a lower bound. */
import type { KeySight, KeyUse } from "./keys.ts";
import { OVERFLOW_NAME } from "./vocabulary.ts";

/** When and how often; `count` >= 1. */
export type Seen = { readonly firstMs: number; readonly lastMs: number; readonly count: number };
export type KeyPlace = { readonly endpoint: string | null; readonly node: string | null };
/** A key at a place in one use, over all that is known. */
export type KeySighting = KeyPlace & Seen & Pick<KeySight, "keyName" | "use" | "lifetimeHintS">;
/** Uses of a key at a place within a step of time. */
export type KeyUseCount = KeyPlace & Pick<KeySight, "bucketStartMs" | "keyName" | "use" | "count">;

/** A key at a place in each use. */
export type KeyAt = {
  readonly place: string;
  readonly keyName: string;
  readonly uses: Readonly<Partial<Record<KeyUse, Seen>>>;
  readonly lifetimeHintS: number | null;
};
export type KnownPlace = {
  readonly id: string;
  readonly place: KeyPlace;
  readonly keys: readonly KeyAt[];
  /** Last time that it opened or refused any ticket; null: never heard so. */
  readonly heardMs: number | null;
};

export type KeyHistory = {
  readonly places: ReadonlyMap<string, KnownPlace>;
  /** By key name, then by place. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, KeyAt>>;
  readonly knownFromMs: number | null;
  readonly newestMs: number | null;
  /** Uses that count under "(other)", by place. */
  readonly beyondLimit: readonly (KeyPlace & { readonly uses: number })[];
};

/** One text for a place; control characters part and mark what is unknown. */
export function placeId({ endpoint, node }: KeyPlace): string {
  return `${endpoint ?? "\u0002"}\u0001${node ?? "\u0002"}`;
}

/** A place in words. */
export function placeName({ endpoint, node }: KeyPlace): string {
  return node ?? endpoint ?? "(unknown)";
}

type Growing = { place: KeyPlace; keys: Map<string, GrowingKey>; heardMs: number | null };
type GrowingKey = { uses: Partial<Record<KeyUse, Seen>>; hint: { atMs: number; value: number } | null };

/** Arranges sightings, in whatever order they come. */
export function historyOf(sightings: readonly KeySighting[]): KeyHistory {
  const growing = new Map<string, Growing>();
  const beyond = new Map<string, KeyPlace & { uses: number }>();
  let knownFromMs: number | null = null;
  let newestMs: number | null = null;
  for (const sighting of sightings) {
    const id = placeId(sighting);
    const { endpoint, node, firstMs, lastMs, count } = sighting;
    knownFromMs = Math.min(knownFromMs ?? firstMs, firstMs);
    newestMs = Math.max(newestMs ?? lastMs, lastMs);
    if (sighting.keyName === OVERFLOW_NAME || sighting.keyName === "") {
      beyond.set(id, { endpoint, node, uses: (beyond.get(id)?.uses ?? 0) + count });
      continue;
    }
    const known = growing.get(id) ?? { place: { endpoint, node }, keys: new Map(), heardMs: null };
    growing.set(id, known);
    if (sighting.use === "accepted" || sighting.use === "refused")
      known.heardMs = Math.max(known.heardMs ?? lastMs, lastMs);
    grow(known.keys, sighting);
  }
  const places = new Map([...growing].map(([id, known]) => [id, settled(id, known)]));
  return { places, keys: byKey(places), knownFromMs, newestMs, beyondLimit: [...beyond.values()] };
}

function grow(keys: Map<string, GrowingKey>, { keyName, use, lifetimeHintS, ...seen }: KeySighting): void {
  const key = keys.get(keyName) ?? { uses: {}, hint: null };
  keys.set(keyName, key);
  key.uses[use] = together([key.uses[use] ?? null, seen]) ?? undefined;
  if (lifetimeHintS !== null && seen.lastMs >= (key.hint?.atMs ?? 0))
    key.hint = { atMs: seen.lastMs, value: lifetimeHintS };
}

function settled(id: string, { place, keys, heardMs }: Growing): KnownPlace {
  const list = [...keys].map(([keyName, { uses, hint }]) => {
    return { place: id, keyName, uses, lifetimeHintS: hint?.value ?? null };
  });
  return { id, place, keys: list, heardMs };
}

function byKey(places: ReadonlyMap<string, KnownPlace>): Map<string, Map<string, KeyAt>> {
  const keys = new Map<string, Map<string, KeyAt>>();
  for (const { keys: list } of places.values())
    for (const at of list) {
      const places = keys.get(at.keyName) ?? new Map<string, KeyAt>();
      keys.set(at.keyName, places.set(at.place, at));
    }
  return keys;
}

/** Several spans of sightings as one; null for none. */
export function together(spans: readonly (Seen | null | undefined)[]): Seen | null {
  let all: Seen | null = null;
  for (const span of spans) {
    if (!span) continue;
    const { firstMs, lastMs, count } = span;
    all = all
      ? {
          firstMs: Math.min(all.firstMs, firstMs),
          lastMs: Math.max(all.lastMs, lastMs),
          count: all.count + count,
        }
      : { firstMs, lastMs, count };
  }
  return all;
}

/** When a node showed that it can use a key (a ticket made or opened, or the node said so); null: it never did. */
export function holdsOf({ uses }: KeyAt): Seen | null {
  return together([uses.issued, uses.accepted, uses.loaded]);
}

type UseRow = Pick<KeyUseCount, "use" | "count"> & { readonly atMs: number };

/** Counts of uses within spans of time, from rows by steps of `stepMs`. */
export class UseCounts {
  readonly stepMs: number;
  /** By place, then by key: most questions are about one key. */
  readonly #rows = new Map<string, Map<string, UseRow[]>>();

  constructor(rows: readonly KeyUseCount[], stepMs: number) {
    this.stepMs = stepMs;
    for (const { bucketStartMs: atMs, keyName, use, count, endpoint, node } of rows) {
      const id = placeId({ endpoint, node });
      const keys = this.#rows.get(id) ?? new Map<string, UseRow[]>();
      this.#rows.set(id, keys);
      const list = keys.get(keyName);
      if (list) list.push({ atMs, use, count });
      else keys.set(keyName, [{ atMs, use, count }]);
    }
  }

  /** The start of the step that holds a moment, and of the first one that lies wholly after it. */
  stepOf(ms: number): number {
    return Math.floor(ms / this.stepMs) * this.stepMs;
  }

  stepAfter(ms: number): number {
    return Math.ceil(ms / this.stepMs) * this.stepMs;
  }

  /** Uses at a place in steps that begin within [fromMs, toMs); of one key, or of every key where `keyName` is null. */
  sum(
    place: string,
    of: { readonly keyName: string | null; readonly use: KeyUse },
    span: { readonly fromMs: number; readonly toMs: number },
  ): number {
    const keys = this.#rows.get(place);
    const lists = of.keyName === null ? (keys?.values() ?? []) : [keys?.get(of.keyName) ?? []];
    let total = 0;
    for (const list of lists)
      for (const { atMs, use, count } of list)
        if (use === of.use && atMs >= span.fromMs && atMs < span.toMs) total += count;
    return total;
  }
}

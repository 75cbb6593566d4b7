/** Facts about ticket keys, from when each was seen at which node. */
import type { Fact, KeyEventFact, KeyFact, KeyFacts, SharedKey } from "../policy/facts.ts";
import type { StoredKeyEvent, StoredSighting } from "../store/port-keys.ts";
import type { Intents } from "./intents.ts";

export type KeyFactsOf = Pick<
  {
    keys: Fact<KeyFacts> | null;
    sharedKeys: Fact<readonly SharedKey[]> | null;
    lifetimeTls12S: Fact<number> | null;
  },
  "keys" | "sharedKeys" | "lifetimeTls12S"
>;

/** What sightings and events tell of one endpoint; `sightings` are of all endpoints, since keys may be shared. */
export function keyFactsOf(
  endpoint: string,
  seen: {
    readonly sightings: readonly StoredSighting[];
    readonly events: readonly StoredKeyEvent[];
    readonly intents: Intents;
  },
): KeyFactsOf {
  const own = seen.sightings.filter((sighting) => sighting.endpoint === endpoint);
  if (own.length === 0) return { keys: null, sharedKeys: null, lifetimeTls12S: null };
  const count = own.reduce((sum, sighting) => sum + sighting.count, 0);
  const names = new Set(own.map(({ keyName }) => keyName));
  const events = seen.events
    .filter((event) => names.has(event.keyName) && (event.endpoint === null || event.endpoint === endpoint))
    .map(({ keyName, node, atMs, action, actor }): KeyEventFact => ({ keyName, node, atMs, action, actor }));
  const value = {
    keys: mergeByNode(own),
    events,
    observedFromMs: Math.min(...own.map(({ firstMs }) => firstMs)),
    observedToMs: Math.max(...own.map(({ lastMs }) => lastMs)),
  };
  return {
    keys: { value, from: "keys", count },
    sharedKeys: { value: sharedOf(endpoint, names, seen), from: "keys", count },
    lifetimeTls12S: longestHint(own),
  };
}

function mergeByNode(sightings: readonly StoredSighting[]): KeyFact[] {
  const keys = new Map<string, KeyFact>();
  for (const sighting of sightings) {
    const id = JSON.stringify([sighting.node, sighting.keyName]);
    keys.set(id, withSighting(keys.get(id) ?? unseen(sighting), sighting));
  }
  return [...Map.groupBy(keys.values(), ({ node }) => node).values()].flatMap(withIssues);
}

/**
 * Where no ticket of a node was seen being issued, keys took turns: each from when its first ticket came back to when the
 * next one's did.
 */
function withIssues(keys: readonly KeyFact[]): readonly KeyFact[] {
  if (keys.some(({ firstIssuedMs }) => firstIssuedMs !== null)) return keys;
  const begun = keys
    .flatMap(({ firstAcceptedMs }) => (firstAcceptedMs === null ? [] : [firstAcceptedMs]))
    .sort((a, b) => a - b);
  return keys.map((key): KeyFact => {
    const { firstAcceptedMs, lastAcceptedMs } = key;
    if (firstAcceptedMs === null) return key;
    const nextMs = begun.find((ms) => ms > firstAcceptedMs) ?? lastAcceptedMs;
    return { ...key, firstIssuedMs: firstAcceptedMs, lastIssuedMs: nextMs, basis: "accepted" };
  });
}

const unseen = ({ keyName, node }: StoredSighting): KeyFact => ({
  keyName,
  node,
  firstIssuedMs: null,
  lastIssuedMs: null,
  firstAcceptedMs: null,
  lastAcceptedMs: null,
  firstRefusedMs: null,
  lastRefusedMs: null,
  lastLoadedMs: null,
  basis: "issued",
  issued: 0,
  accepted: 0,
});

/** Earlier and later of what several sources saw. */
function withSighting(key: KeyFact, { use, firstMs, lastMs, count }: StoredSighting): KeyFact {
  const first = (known: number | null): number => Math.min(known ?? firstMs, firstMs);
  const last = (known: number | null): number => Math.max(known ?? lastMs, lastMs);
  switch (use) {
    case "issued":
      return {
        ...key,
        firstIssuedMs: first(key.firstIssuedMs),
        lastIssuedMs: last(key.lastIssuedMs),
        issued: key.issued + count,
      };
    case "accepted":
      return {
        ...key,
        firstAcceptedMs: first(key.firstAcceptedMs),
        lastAcceptedMs: last(key.lastAcceptedMs),
        accepted: key.accepted + count,
      };
    case "refused":
      return { ...key, firstRefusedMs: first(key.firstRefusedMs), lastRefusedMs: last(key.lastRefusedMs) };
    case "loaded":
      return { ...key, lastLoadedMs: last(key.lastLoadedMs) };
  }
}

/** Keys that work at another endpoint too; one that was only refused there does not. */
function sharedOf(
  endpoint: string,
  names: ReadonlySet<string>,
  { sightings, intents }: { readonly sightings: readonly StoredSighting[]; readonly intents: Intents },
): SharedKey[] {
  const shared = new Map<string, SharedKey>();
  for (const { keyName, endpoint: other, use } of sightings) {
    if (other === null || other === endpoint || use === "refused" || !names.has(keyName)) continue;
    const { trustDomain, clientAuth } = intents.of(other);
    shared.set(JSON.stringify([other, keyName]), { keyName, endpoint: other, trustDomain, clientAuth });
  }
  return [...shared.values()];
}

/** Hints in telemetry are of TLS 1.2, where they go in the clear. */
function longestHint(sightings: readonly StoredSighting[]): Fact<number> | null {
  const hints = sightings.flatMap(({ lifetimeHintS }) => (lifetimeHintS ? [lifetimeHintS] : []));
  return hints.length ? { value: Math.max(...hints), from: "keys", count: hints.length } : null;
}

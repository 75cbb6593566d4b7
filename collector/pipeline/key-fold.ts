import type { Handshake } from "../../lib/domain/handshake.ts";
import { KEY_BUCKET_MS, type KeySight, type KeyUse } from "../../lib/domain/keys.ts";
import type { RejectionReason } from "../../lib/domain/vocabulary.ts";
import { getOrMake } from "../../lib/read/get-or-make.ts";
import type { ToldKey } from "../sources/source.ts";

/** Uses folded; the name is still the one that was told. */
export type RawSight = KeySight & { readonly source: string };
export type Place = { readonly endpoint: string | null; readonly node: string | null };

/** Reasons that a node can only have after it opened the ticket: it holds the key. */
const OPENED: ReadonlySet<RejectionReason | null> = new Set([
  "expired",
  "sni_mismatch",
  "alpn_mismatch",
  "hash_mismatch",
  "cert_changed",
  "client_auth",
  "age_skew",
  "replay",
] as const);

type Sum = { count: number; firstMs: number; lastMs: number; lifetimeHintS: number | null; hintMs: number };
type Uses = Partial<Record<KeyUse, Sum>>;
type Names = Map<string, Uses>;
type Nodes = Map<string | null, Names>;
type Endpoints = Map<string | null, Nodes>;
type Sources = Map<string, Endpoints>;

// Made once: they are asked for with every handshake that names a key.
const newSources = (): Sources => new Map();
const newEndpoints = (): Endpoints => new Map();
const newNodes = (): Nodes => new Map();
const newNames = (): Names => new Map();
const noUses = (): Uses => ({});

/**
 * What a handshake says of the key that its ticket names; null where it says nothing. A ticket that was accepted was
 * opened; one that was refused for what was in it was opened too, so the node holds the key (`loaded`).
 */
export function keyUseOf({ outcome, offer, mechanism, reason }: Handshake): KeyUse | null {
  if (offer === "session_id" || offer === "none" || mechanism === "session_id") return null;
  if (outcome === "resumed") return "accepted";
  if (outcome !== "full" || (offer === null && reason === null)) return null;
  if (OPENED.has(reason)) return "loaded";
  return reason === "corrupt" || reason === "cache_miss" ? null : "refused";
}

/** Folds uses of keys per ten minutes, place, name and use, until they are taken: names are hashed once for many uses. */
export class KeyFold {
  #buckets = new Map<number, Sources>();

  /** The usual case first: most handshakes name no key. `place` where the handshake counts elsewhere than it says. */
  addHandshake(handshake: Handshake, source: string, place: Place = handshake): void {
    if (handshake.keyName === null) return;
    const use = keyUseOf(handshake);
    if (use === null) return;
    const { keyName, atMs, count } = handshake;
    const { endpoint, node } = place;
    this.add({ keyName, atMs, count, endpoint, node, use, lifetimeHintS: null }, source);
  }

  add(told: ToldKey, source: string): void {
    const bucketMs = Math.floor(told.atMs / KEY_BUCKET_MS) * KEY_BUCKET_MS;
    const endpoints = getOrMake(getOrMake(this.#buckets, bucketMs, newSources), source, newEndpoints);
    const names = getOrMake(getOrMake(endpoints, told.endpoint, newNodes), told.node, newNames);
    const uses = getOrMake(names, told.keyName, noUses);
    const { atMs, count, lifetimeHintS } = told;
    const sum = uses[told.use];
    if (!sum) {
      uses[told.use] = { count, firstMs: atMs, lastMs: atMs, lifetimeHintS, hintMs: atMs };
      return;
    }
    sum.count += count;
    sum.firstMs = Math.min(sum.firstMs, atMs);
    sum.lastMs = Math.max(sum.lastMs, atMs);
    if (lifetimeHintS !== null && (sum.lifetimeHintS === null || atMs >= sum.hintMs)) {
      sum.lifetimeHintS = lifetimeHintS;
      sum.hintMs = atMs;
    }
  }

  /** Everything folded so far; the fold is empty afterwards. */
  take(): RawSight[] {
    const sights: RawSight[] = [];
    for (const [bucketStartMs, sources] of this.#buckets)
      for (const [source, endpoints] of sources)
        for (const [endpoint, nodes] of endpoints)
          for (const [node, names] of nodes)
            for (const [keyName, uses] of names)
              for (const [use, sum] of Object.entries(uses) as [KeyUse, Sum][]) {
                const { hintMs: _, ...rest } = sum;
                sights.push({ bucketStartMs, endpoint, node, keyName, use, source, ...rest });
              }
    this.#buckets = new Map();
    return sights;
  }
}

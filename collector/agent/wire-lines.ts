import type { CacheSample, Change, Handshake } from "../../lib/domain/handshake.ts";
import type { KeySight } from "../../lib/domain/keys.ts";

/** A change as lib/contract/ingest.ts has it. */
export function wireOfChange({ atMs, endMs, ...rest }: Change): object {
  return { ts: atMs, endTs: endMs, ...rest };
}

/** A reading of a cache, the same way. */
export function wireOfCache({ atMs, ...rest }: CacheSample): object {
  return { ts: atMs, ...rest };
}

/** Uses of a key as lines for /v1/keys: the first moment and the last one, between them all that were counted. */
export function wireOfKey(sight: KeySight): object[] {
  const { firstMs, lastMs, count, keyName, endpoint, node, use, lifetimeHintS } = sight;
  const line = (ts: number, part: number): object => ({
    key: { ts, keyName, endpoint, node, action: use, lifetimeHintS, count: part },
  });
  return count === 1 ? [line(lastMs, 1)] : [line(firstMs, 1), line(lastMs, count - 1)];
}

/** A handshake to look at, without what identifies a client. */
export function wireOfSample({ atMs, ...rest }: Handshake): object {
  return { ts: atMs, ...rest, keyName: null, ticketId: null, client: null };
}

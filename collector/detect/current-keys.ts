import type { KeyReading } from "../../lib/detect/types.ts";
import type { KeyUse } from "../../lib/domain/keys.ts";
import { Lru } from "../../lib/runtime/lru.ts";

/** A use of a key at a moment. */
export type KeySeen = {
  readonly atMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly keyName: string;
  readonly use: KeyUse;
};

/** Nodes of endpoints that are followed. */
const MOST_PLACES = 5_000;
/** The same key is told again so often: enough to know that a node kept it. */
const AGAIN_MS = 600_000;

/**
 * Uses of keys into readings of each node's current key. Only tickets that are made tell which key that is; what is opened
 * may be old. The detector knows a group of keys by its endpoint, as recorded rotations name it.
 */
export class CurrentKeys {
  readonly #last = new Lru<string, KeyReading>(MOST_PLACES);

  readings(keys: readonly KeySeen[]): KeyReading[] {
    const made = keys.filter(({ use }) => use === "issued").sort((a, b) => a.atMs - b.atMs);
    return made.flatMap(({ atMs, endpoint, node, keyName }): KeyReading[] => {
      if (endpoint === null || node === null) return [];
      const place = JSON.stringify([endpoint, node]);
      const last = this.#last.get(place);
      if (last && last.keyName === keyName && atMs - last.atMs < AGAIN_MS) return [];
      const reading = { atMs, node, keyGroup: endpoint, keyName };
      this.#last.set(place, reading);
      return [reading];
    });
  }
}

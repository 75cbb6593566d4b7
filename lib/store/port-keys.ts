/** Keys as they are kept: uses by ten minutes, sightings for as long as history lasts, and what was said of them. */
import type { KeyEvent, KeySight, KeyUse } from "../domain/keys.ts";

/** When a key was seen at a node in one use. */
export type StoredSighting = {
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly keyName: string;
  readonly use: KeyUse;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly source: string;
  readonly lifetimeHintS: number | null;
};

/** What a commit adds of keys: uses since the last one, each with the source that told. */
export type CommittedKey = KeySight & { readonly source: string };
/** `via` names who told. */
export type CommittedKeyEvent = KeyEvent & { readonly via: string };

export type StoredKeyEvent = KeyEvent & { readonly recordedMs: number; readonly via: string };

/** Uses of a key at a node within one step. */
export type KeyUseRow = Pick<KeySight, "bucketStartMs" | "endpoint" | "node" | "keyName" | "use" | "count">;

export type KeyScope = { readonly endpoint?: string; readonly node?: string };

/** Reads of keys. `tenant` is a TenantId of the port. */
export interface KeyReader {
  /** Keys seen at or after `sinceMs`, by node and use, the newest first, at most `limit`. */
  readSightings(
    tenant: number,
    query: KeyScope & { readonly sinceMs: number; readonly limit: number },
  ): Promise<readonly StoredSighting[]>;
  /** Uses within [fromMs, toMs), summed over steps of `stepMs` (a multiple of KEY_BUCKET_MS). */
  readUses(
    tenant: number,
    query: KeyScope & { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  ): Promise<readonly KeyUseRow[]>;
  /** What was said within [fromMs, toMs), oldest first. */
  readKeyEvents(
    tenant: number,
    query: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly StoredKeyEvent[]>;
}

/** Writes of people and pipelines that concern single keys. Bulk writes are part of a Commit. */
export interface KeyActor {
  recordKeyEvent(tenant: number, event: KeyEvent, meta: { nowMs: number; via: string }): Promise<void>;
}

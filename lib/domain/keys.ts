/**
 * Session ticket encryption keys (STEK), known by a keyed hash of their public key name: the first 16 bytes of an
 * OpenSSL-style ticket (RFC 5077 section 4). Never the key itself.
 */

/**
 * How a key was seen in use: `issued` a ticket was encrypted under it; `accepted` an offered ticket was opened with it;
 * `refused` an offered ticket named it and a full handshake followed; `loaded` the node said that it holds it.
 */
export const KEY_USES = ["issued", "accepted", "refused", "loaded"] as const;
export type KeyUse = (typeof KEY_USES)[number];

/** What is done with a key in its life, as operators and pipelines tell it; the states of DESIGN section 1 follow from these. */
export const KEY_ACTIONS = [
  "generated",
  "staged",
  "promoted",
  "demoted",
  "retired",
  "destroyed",
  "revoked",
] as const;
export type KeyAction = (typeof KEY_ACTIONS)[number];

/** The state of a key at a node. `staged`: decrypts only, not current yet; `previous`: decrypts only, no longer current. */
export const KEY_STATES = ["staged", "current", "previous", "retired", "destroyed", "revoked"] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A key in use at a node: `count` times in the bucket of ten minutes that begins at `bucketStartMs`. */
export type KeySight = {
  readonly bucketStartMs: number;
  /** Exact first and last moment within what this stands for, epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
  /** Keyed hash of the public key name. */
  readonly keyName: string;
  readonly use: KeyUse;
  /** >= 1. */
  readonly count: number;
  /** ticket_lifetime_hint or ticket_lifetime of the newest ticket issued under it, seconds; null = not seen. */
  readonly lifetimeHintS: number | null;
};

/** Something that was said to be done with a key. Parts of the scope that are null apply to all. */
export type KeyEvent = {
  readonly id: string;
  readonly atMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
  /** Nodes that share keys, by the name that people gave the group. */
  readonly keyGroup: string | null;
  readonly keyName: string;
  readonly action: KeyAction;
  readonly actor: string | null;
  readonly reason: string | null;
};

/** Width of the buckets in which uses are kept, milliseconds. */
export const KEY_BUCKET_MS = 600_000;

import { type WireKey, wireKey } from "../../../lib/contract/keys.ts";
import { KEY_USES, type KeyAction, type KeyEvent, type KeyUse } from "../../../lib/domain/keys.ts";
import { keyMaterialProblem } from "../key-material.ts";
import type { Decoded } from "../source.ts";
import { readFlat, toEpochMs } from "./read-flat.ts";

/** What came of a line of /v1/keys: a use of a key, or what was done with it (an event may still need an id). */
export type DecodedKey =
  | Extract<Decoded, { readonly kind: "key" | "refused" }>
  | { readonly kind: "keyEvent"; readonly event: Omit<KeyEvent, "id"> & { readonly id: string | null } };

const uses: ReadonlySet<string> = new Set(KEY_USES);
const isUse = (action: KeyUse | KeyAction): action is KeyUse => uses.has(action);

/** One line of /v1/keys from a parsed JSON value, or the reason why not; key material is never repeated in it. */
export function decodeWireKey(value: unknown): DecodedKey {
  const material = materialIn(value);
  if (material !== null) return { kind: "refused", reason: material };
  const parsed = readFlat(wireKey, value);
  if (!parsed.ok) return { ...parsed, kind: "refused" };
  const wire: WireKey = parsed.value;
  const atMs = toEpochMs(wire.ts);
  const { action, keyName } = wire;
  const [endpoint, node] = [wire.endpoint || null, wire.node || null];
  if (isUse(action)) {
    const { lifetimeHintS = null } = wire;
    const key = { atMs, endpoint, node, keyName, use: action, count: wire.count ?? 1, lifetimeHintS };
    return { kind: "key", key };
  }
  if (wire.count != null) return { kind: "refused", reason: "count is of uses only, not of what was done" };
  const { id = null, actor = null, reason = null } = wire;
  const keyGroup = wire.keyGroup || null;
  return { kind: "keyEvent", event: { id, atMs, endpoint, node, keyGroup, keyName, action, actor, reason } };
}

/** Looked for in every text, before anything else is said of the line: a key may stand in the wrong field. */
function materialIn(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [field, text] of Object.entries(value)) {
    const problem = typeof text === "string" ? keyMaterialProblem(text) : null;
    if (problem?.includes("never a key"))
      return problem.replace("keyName", isShort(field) ? field : "a field");
  }
  return null;
}

const isShort = (field: string): boolean => /^\w{1,40}$/.test(field);

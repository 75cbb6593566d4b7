import { createHash } from "node:crypto";
import type { AuditEntry, AuditReader } from "./port-audit.ts";

/** The hash of an entry: SHA-256 over its tenant, everything in it, and the hash of the entry before. */
export function hashOfEntry(tenant: number, entry: Omit<AuditEntry, "hash">): string {
  const { prevHash, id, atMs, actor, address, action, targetKind, targetId, before, after } = entry;
  const parts = [prevHash, tenant, id, atMs, actor, address, action, targetKind, targetId, before, after];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export type ChainReport = {
  readonly entries: number;
  /** Hash of the last sound entry: written down elsewhere, it tells later whether the end was cut off. "" for an empty log. */
  readonly head: string;
  /** The first entry that is not as it was written; null: all are. */
  readonly broken: { readonly id: number; readonly why: string } | null;
  /** Whether the head that was asked for stands in the chain; null: none was asked for. */
  readonly headFound: boolean | null;
};

const PORTION = 1_000;

/** Walks a tenant's chain. `head` is a hash that must be in it. What was cut off its end shows only by such a hash. */
export async function verifyChain(
  reader: AuditReader,
  tenant: number,
  head: string | null = null,
): Promise<ChainReport> {
  let last = { id: 0, hash: "" };
  let headFound = head === null ? null : head === "";
  for (;;) {
    const portion = await reader.walkAudit(tenant, { afterId: last.id, limit: PORTION });
    for (const entry of portion) {
      const why = faultOf(tenant, entry, last);
      if (why !== null)
        return { entries: last.id, head: last.hash, broken: { id: last.id + 1, why }, headFound };
      if (entry.hash === head) headFound = true;
      last = entry;
    }
    if (portion.length < PORTION) return { entries: last.id, head: last.hash, broken: null, headFound };
  }
}

function faultOf(tenant: number, entry: AuditEntry, last: { id: number; hash: string }): string | null {
  if (entry.id !== last.id + 1) return `it is missing: entry ${entry.id} comes next`;
  if (entry.prevHash !== last.hash) return "it does not follow from the entry before";
  return entry.hash === hashOfEntry(tenant, entry) ? null : "it is not as it was written";
}

/** What the checklist can see of a key that has to go: pure, from the answer of /api/keys. */
import type { ChangeView } from "@/lib/contract/read.ts";
import type { KeysReply, RevocationView } from "@/lib/contract/read-keys.ts";

export type NodeIssue = {
  readonly endpoint: string | null;
  readonly node: string | null;
  /** Which key it makes tickets under, or accepts as its newest; null: nothing tells. */
  readonly keyName: string | null;
  readonly verdict: "new" | "old" | "unknown";
};

/** Which key each node of the key's group works with now, against the one that has to go; of one endpoint, or of all (null). */
export function nodesNow(keys: KeysReply, keyName: string, only: string | null): NodeIssue[] {
  const own = keys.keys.find((of) => of.keyName === keyName);
  const group = keys.groups.find((of) => of.group === own?.group);
  const all = group?.places ?? own?.places ?? [];
  const places = all.filter(({ endpoint }) => only === null || endpoint === only);
  return places.map(({ endpoint, node }) => {
    const current = keys.keys.find(({ places: at }) =>
      at.some((of) => of.endpoint === endpoint && of.node === node && of.state === "current"),
    );
    const verdict = !current ? "unknown" : current.keyName === keyName ? "old" : "new";
    return { endpoint, node, keyName: current?.keyName ?? null, verdict };
  });
}

/** The newest revocation of a key; null where nobody recorded one. */
export function revocationOf(keys: KeysReply, keyName: string): RevocationView | null {
  const all = keys.revocations.filter((of) => of.keyName === keyName);
  return all.sort((a, b) => b.revokedMs - a.revokedMs)[0] ?? null;
}

/** When an event of the key was recorded; null: it was not. */
export function eventMs(keys: KeysReply, keyName: string, action: string): number | null {
  const all = keys.events.filter((of) => of.keyName === keyName && of.action === action);
  return all.sort((a, b) => b.atMs - a.atMs)[0]?.atMs ?? null;
}

/** By what the flush of session caches is known again. */
export function flushRef(keyName: string): string {
  return `revocation of key ${keyName}`;
}

/** When session caches were flushed for this key; null: nobody recorded it. */
export function flushedMs(changes: readonly ChangeView[], keyName: string): number | null {
  return changes.find(({ ref }) => ref === flushRef(keyName))?.atMs ?? null;
}

/** Keys that may have to go: in use, or revoked and not forgotten; the one that encrypts first. */
export function candidates(keys: KeysReply): KeysReply["keys"] {
  const order = ["current", "staged", "previous", "revoked", "retired", "destroyed"];
  const rank = (state: string | null): number => (state === null ? order.length : order.indexOf(state));
  return [...keys.keys].sort((a, b) => rank(a.state) - rank(b.state) || (b.firstMs ?? 0) - (a.firstMs ?? 0));
}

/** Proof that a revoked key is not accepted any more (FM-08), and agreement between nodes as telemetry shows it (DOMAIN 5.3). */
import type { KeyGroup } from "./key-groups.ts";
import { holdsOf, type KeyHistory, type KnownPlace, placeName, type UseCounts } from "./key-history.ts";
import { concerns } from "./key-states.ts";
import type { KeyEvent } from "./keys.ts";
import { inList, inWhole } from "./words.ts";

export type ProofVerdict = "proved" | "accepting" | "unknown";
export type ProofAt = {
  readonly place: string;
  readonly verdict: ProofVerdict;
  /** null: the node told nothing of tickets since. */
  readonly accepted: number | null;
  readonly refused: number;
  readonly lastAcceptedMs: number | null;
  readonly heardMs: number | null;
};
export type Revocation = {
  readonly event: KeyEvent;
  readonly verdict: ProofVerdict;
  readonly nodes: readonly ProofAt[];
  readonly sentence: string;
};
type Known = {
  readonly groups: readonly KeyGroup[];
  readonly history: KeyHistory;
  readonly counts: UseCounts;
};

/** What each node did with a revoked key since. A node that was not heard since is unknown, and so is the whole then. */
export function revocationOf(event: KeyEvent, known: Known): Revocation {
  const nodes = concernedBy(event, known).map((place) => proofAt(place, event, known.counts));
  const is = (verdict: ProofVerdict): ProofAt[] => nodes.filter((one) => one.verdict === verdict);
  const verdict = is("accepting").length
    ? "accepting"
    : nodes.length && !is("unknown").length
      ? "proved"
      : "unknown";
  const names = (of: readonly ProofAt[]): string =>
    inList(
      of.map(({ place }) =>
        placeName(known.history.places.get(place)?.place ?? { endpoint: null, node: null }),
      ),
    );
  const unheard = `nothing was heard of tickets since at ${names(is("unknown"))}`;
  const refused = inWhole(nodes.reduce((sum, one) => sum + one.refused, 0));
  const sentence = {
    accepting: `${names(is("accepting"))} accepted tickets of the revoked key after it was revoked.`,
    proved: `No node accepted it since (${refused} offers refused).`,
    unknown: nodes.length ? `Not proved: ${unheard}.` : "Not proved: no node is known to have used it.",
  }[verdict];
  return { event, verdict, nodes, sentence };
}

/** The nodes of the key's group, and wherever else it was offered. */
function concernedBy(event: KeyEvent, { groups, history }: Known): KnownPlace[] {
  const at = history.keys.get(event.keyName);
  const group = groups.find(({ keys }) => keys.some(({ keyName }) => keyName === event.keyName));
  const ids = new Set([...(group?.places ?? []), ...(at?.keys() ?? [])]);
  return [...ids].flatMap((id) => {
    const known = history.places.get(id);
    return known && concerns(event, known.place, group ?? { title: event.keyGroup ?? "" }) ? [known] : [];
  });
}

function proofAt({ id, keys, heardMs }: KnownPlace, { keyName, atMs }: KeyEvent, counts: UseCounts): ProofAt {
  const uses = keys.find((key) => key.keyName === keyName)?.uses;
  const heard = heardMs !== null && heardMs > atMs;
  const lastMs = uses?.accepted?.lastMs ?? null;
  const isAccepting = lastMs !== null && lastMs > atMs;
  // The step in which it was revoked hold uses from before: of those only the last moment is known.
  const span = { fromMs: counts.stepAfter(atMs), toMs: Number.POSITIVE_INFINITY };
  const accepted = isAccepting ? Math.max(1, counts.sum(id, { keyName, use: "accepted" }, span)) : 0;
  const refused = counts.sum(id, { keyName, use: "refused" }, span);
  return {
    place: id,
    verdict: isAccepting ? "accepting" : heard ? "proved" : "unknown",
    accepted: heard || isAccepting ? accepted : null,
    refused: uses?.refused && uses.refused.lastMs > atMs ? Math.max(1, refused) : refused,
    lastAcceptedMs: lastMs,
    heardMs,
  };
}

export type KeyShare = {
  readonly place: string;
  readonly keyName: string;
  readonly accepted: number;
  readonly offered: number;
};
export type PairShare = {
  readonly from: string;
  readonly to: string;
  readonly accepted: number;
  readonly offered: number;
};

/** Offers of each key at each of these places within a span, and how many were accepted; without those that were never offered. */
export function sharesOf(
  places: readonly string[],
  { history, counts }: Pick<Known, "history" | "counts">,
  span: { readonly fromMs: number; readonly toMs: number },
): KeyShare[] {
  return places.flatMap((place) =>
    (history.places.get(place)?.keys ?? []).flatMap(({ keyName }): KeyShare[] => {
      const accepted = counts.sum(place, { keyName, use: "accepted" }, span);
      const offered = accepted + counts.sum(place, { keyName, use: "refused" }, span);
      return offered > 0 ? [{ place, keyName, accepted, offered }] : [];
    }),
  );
}

/**
 * Issuer x acceptor by node name: offers at `to` of the key under which `from` made its newest tickets. A key that several nodes
 * make tickets under counts for each of them: whether a node opens a ticket hangs on the key alone. Keys that a node made tickets
 * under before count for none: all others still opening them would hide that one missed a rotation.
 */
export function pairsOf(shares: readonly KeyShare[], history: KeyHistory): PairShare[] {
  const pairs = new Map<string, PairShare>();
  const name = (id: string): string | null => {
    const known = history.places.get(id);
    return known ? placeName(known.place) : null;
  };
  const places = new Set(shares.map(({ place }) => place));
  const newest = new Map([...places].map((place) => [place, newestIssued(history, place)]));
  for (const { place, keyName, accepted, offered } of shares) {
    const issuers = [...(history.keys.get(keyName)?.values() ?? [])].filter(
      (at) => holdsOf(at) !== null && newest.get(at.place) === keyName,
    );
    const to = name(place);
    for (const issuer of issuers) {
      const from = name(issuer.place);
      if (from === null || to === null) continue;
      const key = `${from}\u0001${to}`;
      const sum = pairs.get(key) ?? { from, to, accepted: 0, offered: 0 };
      pairs.set(key, { from, to, accepted: sum.accepted + accepted, offered: sum.offered + offered });
    }
  }
  return [...pairs.values()];
}

/** The key that a place made its newest ticket under; null where no issue was seen. */
function newestIssued({ places }: KeyHistory, place: string): string | null {
  let newest: { readonly keyName: string; readonly lastMs: number } | null = null;
  for (const { keyName, uses } of places.get(place)?.keys ?? [])
    if (uses.issued && uses.issued.lastMs > (newest?.lastMs ?? Number.NEGATIVE_INFINITY))
      newest = { keyName, lastMs: uses.issued.lastMs };
  return newest?.keyName ?? null;
}

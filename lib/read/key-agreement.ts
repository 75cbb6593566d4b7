import type { KeyAgreementView } from "../contract/read-keys.ts";
import { judgeAgreement } from "../domain/agreement.ts";
import type { KeyFleet } from "../domain/key-fleet.ts";
import type { KeyPlace } from "../domain/key-history.ts";
import { type KeyShare, pairsOf, sharesOf } from "../domain/key-revocation.ts";
import { wilson } from "../stats/interval.ts";

/** Cells of keys by nodes that one answer holds. */
const MOST_CELLS = 5_000;

const withInterval = <T extends { readonly accepted: number; readonly offered: number }>(share: T) => ({
  ...share,
  low: wilson(share.accepted, share.offered)?.low ?? null,
  high: wilson(share.accepted, share.offered)?.high ?? null,
});

/** What telemetry shows of agreement, endpoint by endpoint; the prober measures the same by trying. */
export function readAgreement(
  { history, counts }: KeyFleet,
  of: { readonly fromMs: number; readonly toMs: number; readonly shows: (place: KeyPlace) => boolean },
): KeyAgreementView[] {
  const shown = [...history.places.values()].filter(({ place }) => of.shows(place));
  const endpoints = Map.groupBy(shown, ({ place }) => place.endpoint);
  return [...endpoints].flatMap(([endpoint, places]): KeyAgreementView[] => {
    const ids = places.map(({ id }) => id);
    const span = { fromMs: counts.stepOf(of.fromMs), toMs: of.toMs };
    const shares = sharesOf(ids, { history, counts }, span);
    if (shares.length === 0) return [];
    const pairs = pairsOf(shares, history);
    const { kind, misfits, sentence } = judgeAgreement(pairs);
    const byKey = shares.sort((a, b) => b.offered - a.offered).slice(0, MOST_CELLS);
    return [
      {
        endpoint,
        byKey: byKey.map(({ place, ...share }: KeyShare) => {
          const { node = null } = history.places.get(place)?.place ?? {};
          return { ...withInterval(share), endpoint, node };
        }),
        pairs: pairs.map(withInterval),
        ...{ kind, misfits: misfits.map(({ node }) => node), sentence },
      },
    ];
  });
}

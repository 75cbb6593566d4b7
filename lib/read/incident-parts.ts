/** What a drop is made of: offers and acceptance, mix and rate, and what each value of each dimension lost. Pure. */
import type { Contribution, Decomposition } from "../contract/read-incidents.ts";
import type { Stream } from "../detect/streams.ts";
import { acceptShare, completed, offerShare, resumeShare, type Share } from "../domain/rates.ts";
import { MECHANISMS } from "../domain/vocabulary.ts";
import { capValues, lossByValue, type ValuePart } from "../stats/contributions.ts";
import { mixAndRate, offersAndAcceptance } from "../stats/decompose.ts";
import type { RollupRow } from "../store/port.ts";
import { CELL_DIMENSIONS, type CellDimension, countsBy, countsOf } from "./cells.ts";
import { sumOf } from "./incident-signal.ts";
import { measured } from "./measured.ts";

/** Rows by cell before the onset and since. */
export type Sides = { readonly before: readonly RollupRow[]; readonly after: readonly RollupRow[] };

const MOST_VALUES = 30;
/** Full handshakes that offered nothing, among the rejection reasons: all full handshakes have their place. */
const NO_OFFER = "no_offer";
const NOTHING: Share = { k: 0, n: 0 };

/**
 * How a change of R is made up (DOMAIN 5.2, 5.3). Mix is over client families and protocols: who came. Offers and acceptance add
 * up to the change of R among handshakes whose offers are known; mix and rate to that of all.
 */
export function decompose({ before, after }: Sides): Decomposition {
  const [b, a] = [countsOf(before), countsOf(after)];
  const split = offersAndAcceptance(
    { o: offerShare(b), a: acceptShare(b) },
    { o: offerShare(a), a: acceptShare(a) },
  );
  const parts = partsBy(
    { before, after },
    ({ group }) => JSON.stringify([group.family, group.protocol]),
    (rows) => resumeShare(countsOf(rows)),
  );
  const mixed = mixAndRate(parts);
  return {
    before: { r: measured(resumeShare(b)), o: measured(offerShare(b)), a: measured(acceptShare(b)) },
    after: { r: measured(resumeShare(a)), o: measured(offerShare(a)), a: measured(acceptShare(a)) },
    byOffers: split?.byOffers ?? null,
    byAcceptance: split?.byAcceptance ?? null,
    mix: mixed?.mix ?? null,
    rate: mixed?.rate ?? null,
  };
}

/**
 * What each value of each dimension lost by a stream: handshakes that would have been resumed (or accepted, or not failed) at the
 * value's own rate before. Losses of one dimension add up. Mechanisms and reasons are told where R departed.
 */
export function contributionsOf(sides: Sides, stream: Stream): Contribution[] {
  const byCell = CELL_DIMENSIONS.flatMap((dimension) => byDimension(sides, dimension, stream));
  return stream.name === "resume" ? [...byCell, ...byMechanism(sides), ...byReason(sides)] : byCell;
}

function byDimension(sides: Sides, dimension: CellDimension, stream: Stream): Contribution[] {
  const parts = partsBy(
    sides,
    ({ group }) => group[dimension] ?? null,
    (rows) => sumOf(rows, stream),
  );
  // A new server has to do as its peers; new clients, and a new endpoint, have no past that they could fall from.
  const newcomers = dimension === "node" || dimension === "region" ? "pooled" : "none";
  return toContributions(dimension, parts, { newcomers, harm: stream.harm });
}

/** Each mechanism's part of R, over all completed handshakes. */
function byMechanism(sides: Sides): Contribution[] {
  const [b, a] = [countsOf(sides.before), countsOf(sides.after)];
  const parts = [...MECHANISMS, "unknown" as const].flatMap((name): ValuePart[] => {
    const [k0, k1] = [b.byMechanism[name], a.byMechanism[name]];
    if (k0 + k1 === 0) return [];
    const value = name === "unknown" ? null : name;
    return [{ value, before: { k: k0, n: completed(b) }, after: { k: k1, n: completed(a) } }];
  });
  return toContributions("mechanism", parts, { newcomers: "none", harm: -1 });
}

/** Full handshakes by why they were full, over all completed ones: more of a reason is what it cost. */
function byReason({ before, after }: Sides): Contribution[] {
  const reasonOf = ({ reason, offer }: RollupRow): string | null => (offer === "none" ? NO_OFFER : reason);
  const isFull = ({ outcome }: RollupRow): boolean => outcome === "full";
  const [b, a] = [countsBy(before.filter(isFull), reasonOf), countsBy(after.filter(isFull), reasonOf)];
  const [n0, n1] = [completed(countsOf(before)), completed(countsOf(after))];
  const parts = [...new Set([...b.keys(), ...a.keys()])].map((value) => ({
    value,
    before: { k: b.get(value)?.full ?? 0, n: n0 },
    after: { k: a.get(value)?.full ?? 0, n: n1 },
  }));
  return toContributions("reason", parts, { newcomers: "none", harm: 1 });
}

function partsBy<K>(
  sides: Sides,
  keyOf: (row: RollupRow) => K,
  shareOf: (rows: readonly RollupRow[]) => Share,
): { value: K; before: Share; after: Share }[] {
  const [b, a] = [Map.groupBy(sides.before, keyOf), Map.groupBy(sides.after, keyOf)];
  const share = (rows: readonly RollupRow[] | undefined): Share => (rows ? shareOf(rows) : NOTHING);
  return [...new Set([...b.keys(), ...a.keys()])].map((value) => ({
    value,
    before: share(b.get(value)),
    after: share(a.get(value)),
  }));
}

type How = { readonly newcomers: "pooled" | "none"; readonly harm: -1 | 1 };

function toContributions(
  dimension: Contribution["dimension"],
  parts: readonly ValuePart[],
  { newcomers, harm }: How,
): Contribution[] {
  // A dimension of which nothing is known explains nothing.
  if (parts.every(({ value }) => value === null)) return [];
  // Where rising is harm (failures, refusals) what was lost are the others.
  const turned = ({ k, n }: Share): Share => (harm === 1 ? { k: n - k, n } : { k, n });
  const losses = lossByValue(
    parts.map(({ value, before, after }) => ({ value, before: turned(before), after: turned(after) })),
    newcomers,
  );
  return capValues(losses, MOST_VALUES).map(({ value, before, after, lost, lostShare }) => ({
    dimension,
    value,
    before: measured(turned(before)),
    after: measured(turned(after)),
    lost,
    lostShare,
  }));
}

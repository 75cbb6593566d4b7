/** Rotations as they show in the use of keys: a name that was not there before begins to be made, or to be opened. */
import type { GroupKey, KeyGroup } from "./key-groups.ts";
import { holdsOf, type KeyHistory, type UseCounts } from "./key-history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Clocks of nodes may differ this much; a key that is opened so shortly before it is made was made first. */
const CLOCKS_APART_MS = MINUTE_MS;
/** By then every node of a group has taken a new key, where it is going to: schemes poll every few minutes (DOMAIN FM-06). */
export const SPREAD_MS = 30 * MINUTE_MS;
/** A key is new when, had it been used as much before, it would have been seen so many times by chance (p below 0.001). */
const EXPECTED_BEFORE = 7;
const LEAST_USES = 5;
/** A group that shows more new keys in an hour makes keys for other reasons than rotation (FM-19). */
const MOST_PER_HOUR = 40;
/** Uses after which a node that shows no sign of a key is taken to be without it. */
const LEAST_HEARD = 10;

export type Rotation = {
  readonly keyName: string;
  readonly previousKey: string | null;
  readonly atMs: number;
  readonly basis: "issued" | "accepted";
  /** First seen when a client came back with it: it was at `atMs` or before. */
  readonly late: boolean;
  /** At fewer than half of the group's nodes, while the others go on under other keys. */
  readonly local: boolean;
  /** First sign of the key at each node that it concerns; null: none yet. */
  readonly nodes: readonly { readonly place: string; readonly firstMs: number | null }[];
  /** Nodes that stayed under other keys. */
  readonly behind: readonly string[];
};
export type Rotations = {
  /** Oldest first. */
  readonly rotations: readonly Rotation[];
  /** Keys in use for which it cannot be told when they began: they were there when records begin. */
  readonly initial: readonly string[];
  /** Every key whose beginning was seen or that was there at the beginning, the youngest last. */
  readonly order: readonly string[];
  /** Too many new keys an hour for rotations: none is told for those hours. */
  readonly churning: boolean;
};

type Begun = { readonly key: GroupKey; readonly atMs: number; readonly basis: Rotation["basis"] };
type Known = { readonly history: KeyHistory; readonly counts: UseCounts; readonly nowMs: number };

/** The rotations of a group, from everything that is known of its keys. */
export function rotationsOf(group: KeyGroup, known: Known): Rotations {
  const begun = begunOf(group);
  const firstMs = Math.min(...group.keys.map(({ holds }) => holds.firstMs));
  const isInitial = new Map(begun.map((one) => [one, !isNew(one, firstMs)]));
  // Those that were there at the beginning have no order among them but how much they are used.
  const rank = (one: Begun): number => (isInitial.get(one) ? Number.NEGATIVE_INFINITY : one.atMs);
  begun.sort((a, b) => (rank(a) === rank(b) ? a.key.holds.count - b.key.holds.count : rank(a) - rank(b)));
  const fresh = begun.filter((one) => !isInitial.get(one));
  const calm = fresh.filter(({ atMs }) => crowd(fresh, atMs) <= MOST_PER_HOUR);
  const rotations: Rotation[] = [];
  let previousKey = begun.findLast((one) => isInitial.get(one))?.key.keyName ?? null;
  for (const one of calm) {
    const later = calm.filter(({ atMs }) => atMs > one.atMs).map(({ key }) => key);
    const rotation = rotationOf(one, { previousKey, later, group, known });
    rotations.push(rotation);
    if (!rotation.local) previousKey = rotation.keyName;
  }
  const initial = begun.filter((one) => isInitial.get(one)).map(({ key }) => key.keyName);
  const order = begun.map(({ key }) => key.keyName);
  return { rotations, initial, order, churning: calm.length < fresh.length };
}

const crowd = (fresh: readonly Begun[], atMs: number): number =>
  fresh.filter((other) => Math.abs(other.atMs - atMs) < HOUR_MS / 2).length;

/** When each key began to be used. Where tickets are seen being made, a key that is only opened is an older one. */
function begunOf({ keys }: KeyGroup): Begun[] {
  const madeFromMs = Math.min(...keys.map(({ issued }) => issued?.firstMs ?? Number.POSITIVE_INFINITY));
  return keys.flatMap((key): Begun[] => {
    const { issued, accepted } = key;
    const openedMs = accepted?.firstMs ?? Number.POSITIVE_INFINITY;
    if (issued && issued.firstMs <= openedMs + CLOCKS_APART_MS)
      return [{ key, atMs: issued.firstMs, basis: "issued" }];
    return openedMs < madeFromMs ? [{ key, atMs: openedMs, basis: "accepted" }] : [];
  });
}

/** Whether a key began after records do, and was not merely seen late. */
function isNew({ key, atMs, basis }: Begun, firstMs: number): boolean {
  const beforeMs = atMs - firstMs;
  if (beforeMs <= 0) return false;
  if (basis === "issued" && beforeMs >= MINUTE_MS) return true;
  const uses = basis === "issued" ? key.issued : key.accepted;
  if (!uses || uses.count < LEAST_USES) return false;
  return beforeMs * uses.count >= EXPECTED_BEFORE * (uses.lastMs - uses.firstMs);
}

function rotationOf(
  { key, atMs, basis }: Begun,
  of: { previousKey: string | null; later: readonly GroupKey[]; group: KeyGroup; known: Known },
): Rotation {
  const first = new Map(key.at.map((at) => [at.place, holdsOf(at)?.firstMs ?? null]));
  const moved = new Set(
    of.later.flatMap(({ at }) => at.filter((one) => holdsOf(one)).map(({ place }) => place)),
  );
  const isOver = of.known.nowMs > atMs + SPREAD_MS;
  const stayed = of.group.places.filter(
    (place) =>
      isOver &&
      (first.get(place) ?? null) === null &&
      stayedBehind(place, { key, atMs, moved, known: of.known }),
  );
  const showing = of.group.places.filter((place) => (first.get(place) ?? null) !== null);
  // Those that went on to a later key without it stayed as well, had they time enough to show it.
  const { firstMs, lastMs } = key.holds;
  const isShort = lastMs - firstMs < SPREAD_MS;
  const skipped = isShort
    ? 0
    : of.group.places.filter((place) => moved.has(place) && !showing.includes(place)).length;
  const local = stayed.length + skipped > showing.length;
  const concerned = local ? showing : of.group.places;
  return {
    keyName: key.keyName,
    previousKey: of.previousKey,
    atMs,
    basis,
    late: basis === "accepted",
    local,
    nodes: concerned.map((place) => ({ place, firstMs: first.get(place) ?? null })),
    behind: local ? [] : stayed,
  };
}

/** Whether a node without a sign of a key is heard enough to say that it does not have it. */
function stayedBehind(
  place: string,
  { key, atMs, moved, known }: { key: GroupKey; atMs: number; moved: ReadonlySet<string>; known: Known },
): boolean {
  const fromMs = atMs + SPREAD_MS;
  const at = known.history.places.get(place);
  if (!at || moved.has(place)) return false;
  if (at.keys.some(({ keyName, uses }) => keyName !== key.keyName && (uses.issued?.lastMs ?? 0) > fromMs))
    return true;
  const refused = at.keys.find(({ keyName }) => keyName === key.keyName)?.uses.refused;
  if (refused && refused.lastMs > fromMs) return true;
  const span = { fromMs, toMs: Number.POSITIVE_INFINITY };
  const heard = known.counts.sum(place, { keyName: null, use: "accepted" }, span);
  return heard >= LEAST_HEARD;
}

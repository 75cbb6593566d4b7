import {
  holdsOf,
  type KeyAt,
  type KeyHistory,
  type KeyPlace,
  placeName,
  type Seen,
  together,
} from "./key-history.ts";
import type { KeyEvent } from "./keys.ts";
import { inList } from "./words.ts";

/** A key over all places of its group. */
export type GroupKey = {
  readonly keyName: string;
  readonly at: readonly KeyAt[];
  /** Made, opened or held anywhere: first, last and how often. */
  readonly holds: Seen;
  readonly issued: Seen | null;
  readonly accepted: Seen | null;
  readonly lifetimeS: number | null;
};

/** Places that share keys: each made, opened or held a key that another one did too. */
export type KeyGroup = {
  /** From 0, the group with most places first. */
  readonly number: number;
  readonly title: string;
  readonly places: readonly string[];
  readonly keys: readonly GroupKey[];
};

/** Groups of places by shared keys. A key that was only refused somewhere joins nothing. */
export function groupsOf(history: KeyHistory, events: readonly KeyEvent[] = []): KeyGroup[] {
  const root = new Map<string, string>();
  const find = (id: string): string => {
    let top = id;
    for (let up = root.get(top); up !== undefined && up !== top; up = root.get(top)) top = up;
    root.set(id, top);
    return top;
  };
  for (const places of history.keys.values()) {
    const holders = [...places.values()].filter((at) => holdsOf(at) !== null);
    const [first] = holders;
    for (const { place } of holders) root.set(find(place), first ? find(first.place) : place);
  }
  const members = Map.groupBy([...root.keys()], find);
  const groups = [...members.values()].map((places) => ({
    places: places.sort(),
    keys: keysOf(history, new Set(places)),
  }));
  groups.sort(
    (a, b) => b.places.length - a.places.length || ((a.places[0] ?? "") < (b.places[0] ?? "") ? -1 : 1),
  );
  const titles = Map.groupBy(groups, (group) => titleOf(group, history, events));
  const alone = new Map(
    [...titles].flatMap(([title, [one, ...more]]) => (one && !more.length ? [[one, title]] : [])),
  );
  return groups.map((group, number) => {
    return { ...group, number, title: alone.get(group) ?? longer(group, history) };
  });
}

function keysOf(history: KeyHistory, places: ReadonlySet<string>): GroupKey[] {
  const keys: GroupKey[] = [];
  for (const [keyName, all] of history.keys) {
    const at = [...all.values()].filter(({ place }) => places.has(place));
    const holds = together(at.map(holdsOf));
    if (holds === null) continue;
    const hints = at.flatMap(({ lifetimeHintS }) => (lifetimeHintS === null ? [] : [lifetimeHintS]));
    keys.push({
      keyName,
      at,
      holds,
      issued: together(at.map(({ uses }) => uses.issued)),
      accepted: together(at.map(({ uses }) => uses.accepted)),
      lifetimeS: hints.length ? Math.max(...hints) : null,
    });
  }
  return keys.sort((a, b) => a.holds.firstMs - b.holds.firstMs);
}

type Members = Pick<KeyGroup, "places" | "keys">;

function placesOf({ places }: Members, history: KeyHistory): KeyPlace[] {
  return places.flatMap((id) => history.places.get(id)?.place ?? []);
}

function titleOf(group: Members, history: KeyHistory, events: readonly KeyEvent[]): string {
  const names = new Set(group.keys.map(({ keyName }) => keyName));
  const named = events.findLast(({ keyGroup, keyName }) => keyGroup !== null && names.has(keyName));
  if (named?.keyGroup) return named.keyGroup;
  const endpoints = new Set(placesOf(group, history).map(({ endpoint }) => endpoint ?? "(unknown)"));
  return inList([...endpoints].sort(), 3);
}

/** Told apart by nodes, where an endpoint's nodes do not share one set of keys. */
function longer(group: Members, history: KeyHistory): string {
  const nodes = new Set(placesOf(group, history).map(placeName));
  return `${titleOf(group, history, [])}: ${inList([...nodes].sort(), 3)}`;
}

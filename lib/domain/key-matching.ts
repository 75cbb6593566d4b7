/** Rotations that were seen against rotations that were announced (H30). */
import type { KeyGroup } from "./key-groups.ts";
import type { KeyHistory, KeyPlace } from "./key-history.ts";
import type { Rotation } from "./key-rotations.ts";
import type { KeyEvent } from "./keys.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A pipeline may tell a little after it is done, and clocks differ. */
const BEFORE_MS = 10 * MINUTE_MS;
/** From the announcement to the first ticket; where only tickets that come back are seen, a client's visit longer. */
const AFTER_MS = HOUR_MS;
const AFTER_LATE_MS = 6 * HOUR_MS;

/** A key rotation that a pipeline or a person recorded. Parts of the scope that are null apply to all. */
export type Announcement = KeyPlace & {
  readonly id: string;
  readonly atMs: number;
  readonly endMs: number | null;
  readonly title: string;
};
export type Announced = {
  readonly id: string;
  readonly by: "change" | "event";
  readonly atMs: number;
  readonly title: string;
};
export type MissingRotation = Announcement & { readonly verdict: "missing" | "pending" | "unknown" };

/** Keys of a group with its rotations. */
export type GroupRotations = { readonly group: KeyGroup; readonly rotations: readonly Rotation[] };
type Known = { readonly history: KeyHistory; readonly events: readonly KeyEvent[]; readonly nowMs: number };

function covers(announcement: KeyPlace, places: readonly string[], history: KeyHistory): boolean {
  return places.some((id) => {
    const place = history.places.get(id)?.place;
    const endpoint = announcement.endpoint === null || announcement.endpoint === place?.endpoint;
    return endpoint && (announcement.node === null || announcement.node === place?.node);
  });
}

function reachMs(basis: Rotation["basis"], { atMs, endMs }: Announcement): { fromMs: number; toMs: number } {
  const toMs = Math.max(endMs ?? atMs, atMs) + (basis === "issued" ? AFTER_MS : AFTER_LATE_MS);
  return { fromMs: atMs - BEFORE_MS, toMs };
}

function fits(announcement: Announcement, rotation: Rotation, history: KeyHistory): boolean {
  const { fromMs, toMs } = reachMs(rotation.basis, announcement);
  const places = rotation.nodes.map(({ place }) => place);
  return rotation.atMs >= fromMs && rotation.atMs <= toMs && covers(announcement, places, history);
}

/**
 * What announced each rotation, by key name: an event of that very key, or else the nearest recorded change whose time and scope
 * fit, each for one rotation of a group. Rotations without an entry were not announced.
 */
export function announcedOf(
  groups: readonly GroupRotations[],
  announcements: readonly Announcement[],
  { history, events }: Pick<Known, "history" | "events">,
): Map<string, Announced> {
  const announced = new Map<string, Announced>();
  const steps = ["generated", "staged", "promoted"];
  for (const { rotations } of groups) {
    const free = new Set(announcements);
    for (const rotation of rotations) {
      const event = events.find(
        ({ keyName, action, atMs }) =>
          keyName === rotation.keyName && steps.includes(action) && atMs <= rotation.atMs + HOUR_MS,
      );
      if (event) {
        const title = `Key ${event.action}`;
        announced.set(rotation.keyName, { id: event.id, by: "event", atMs: event.atMs, title });
        continue;
      }
      const near = (one: Announcement): number => Math.abs(one.atMs - rotation.atMs);
      const [change] = [...free]
        .filter((one) => fits(one, rotation, history))
        .sort((a, b) => near(a) - near(b));
      if (!change) continue;
      free.delete(change);
      const { id, atMs, title } = change;
      announced.set(rotation.keyName, { id, by: "change", atMs, title });
    }
  }
  return announced;
}

/**
 * Announced rotations after which no new key was seen. A rotation that fits is enough, whichever announcement it was matched with:
 * both stages of one rotation may be announced.
 */
export function missingOf(
  groups: readonly GroupRotations[],
  announcements: readonly Announcement[],
  { history, nowMs }: Pick<Known, "history" | "nowMs">,
): MissingRotation[] {
  return announcements.flatMap((one): MissingRotation[] => {
    const concerned = groups.filter(({ group }) => covers(one, group.places, history));
    const isSeen = concerned.some(({ rotations }) =>
      rotations.some((rotation) => fits(one, rotation, history)),
    );
    if (isSeen || one.atMs > nowMs) return [];
    const sees = concerned.some(({ group }) => group.keys.some(({ issued }) => issued !== null));
    const { toMs } = reachMs(sees ? "issued" : "accepted", one);
    if (nowMs < toMs) return [{ ...one, verdict: "pending" }];
    return [
      {
        ...one,
        verdict: concerned.some(({ group }) => isWatched(group, one, { history, toMs }))
          ? "missing"
          : "unknown",
      },
    ];
  });
}

/** Whether keys of a group were seen before an announcement and after its time: a new one would have shown. */
function isWatched(
  { places, keys }: KeyGroup,
  { atMs }: Announcement,
  { history, toMs }: { history: KeyHistory; toMs: number },
): boolean {
  const isBefore = keys.some(({ holds }) => holds.firstMs < atMs);
  const isAfter = places.some((id) => {
    const known = history.places.get(id);
    return known?.keys.some(({ uses }) => Object.values(uses).some(({ lastMs }) => lastMs > toMs)) ?? false;
  });
  return isBefore && isAfter;
}

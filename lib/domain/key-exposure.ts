/** How long keys live: the rhythm of rotation, what old keys cover, and the exposure window (DOMAIN 5.5, H02, H08). */
import { median, robustSpread } from "../stats/robust.ts";
import type { GroupKey, KeyGroup } from "./key-groups.ts";
import type { Rotation, Rotations } from "./key-rotations.ts";
import { overall, type StateAt } from "./key-states.ts";
import { inLength } from "./words.ts";

const MINUTE_MS = 60_000;
/** Intervals that have to agree before a rhythm is believed; and how late is late. */
const LEAST_INTERVALS = 3;
const LEAST_GRACE_MS = 30 * MINUTE_MS;
/** A revoked key that opened a ticket so recently is in use. */
const RECENT_MS = 120 * MINUTE_MS;

export type Rhythm = {
  /** Median time between rotations of the whole group; null without two of them. */
  readonly periodMs: number | null;
  readonly intervals: number;
  readonly lastMs: number | null;
  readonly dueMs: number | null;
  readonly overdue: boolean;
};
export type Coverage = {
  readonly verdict: "ok" | "bad" | "unknown";
  readonly keys: number | null;
  readonly coveredMs: number | null;
  readonly lifetimeS: number | null;
  readonly sentence: string;
};
export type Exposure = {
  readonly liveMs: number | null;
  readonly keyName: string | null;
  readonly atLeast: boolean;
  readonly designMs: number | null;
  readonly periodMs: number | null;
  readonly lifetimeS: number | null;
  readonly retainedMs: number | null;
  readonly unended: number;
  readonly sentence: string;
};

export type Lives = {
  readonly group: KeyGroup;
  readonly rotations: Rotations;
  readonly states: ReadonlyMap<string, ReadonlyMap<string, StateAt>>;
  readonly nowMs: number;
};

const shared = ({ rotations }: Rotations): readonly Rotation[] => rotations.filter(({ local }) => !local);

/** The time between rotations, and whether the next one should have been. */
export function rhythmOf({ rotations, nowMs }: Pick<Lives, "rotations" | "nowMs">): Rhythm {
  const times = shared(rotations).map(({ atMs }) => atMs);
  const intervals = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const lastMs = times.at(-1) ?? null;
  const periodMs = intervals.length === 0 ? null : median(intervals);
  const regular = periodMs !== null && lastMs !== null && intervals.length >= LEAST_INTERVALS;
  const dueMs = regular ? lastMs + periodMs : null;
  const graceMs = Math.max(LEAST_GRACE_MS, 0.05 * (periodMs ?? 0), 5 * (robustSpread(intervals) ?? 0));
  return {
    periodMs,
    intervals: intervals.length,
    lastMs,
    dueMs,
    overdue: dueMs !== null && nowMs > dueMs + graceMs,
  };
}

/** The newest ticket lifetime that was seen with the group's youngest key that has one, seconds; null: none was seen. */
export function lifetimeOf({ keys }: KeyGroup): number | null {
  return keys.findLast(({ lifetimeS }) => lifetimeS !== null && lifetimeS > 0)?.lifetimeS ?? null;
}

/** When a group went on from a key to the next one, null while it is the last. */
function followedMs({ keyName }: GroupKey, lives: Lives): number | null {
  return shared(lives.rotations).find(({ previousKey }) => previousKey === keyName)?.atMs ?? null;
}

/** Longest time for which old keys were seen opening tickets; null: none was. */
function retainedOf(lives: Lives): number | null {
  const times = lives.group.keys.flatMap((key) => {
    const followed = followedMs(key, lives);
    const lastMs = key.accepted?.lastMs ?? 0;
    return followed !== null && lastMs > followed ? [lastMs - followed] : [];
  });
  return times.length ? Math.max(...times) : null;
}

/** Shortest age at which an old key was refused although its tickets were to live longer; null: never. */
function gapOf(lives: Lives, lifetimeMs: number): number | null {
  const gaps = lives.group.keys.flatMap((key) => {
    const followed = followedMs(key, lives);
    if (followed === null) return [];
    return key.at.flatMap(({ place, uses }) => {
      if (lives.states.get(key.keyName)?.get(place)?.basis !== "refused" || !uses.refused) return [];
      const heldMs = Math.max(0, (uses.accepted?.lastMs ?? followed) - followed);
      return heldMs < lifetimeMs && uses.refused.lastMs - followed < lifetimeMs ? [heldMs] : [];
    });
  });
  return gaps.length ? Math.min(...gaps) : null;
}

/**
 * Whether old tickets can be opened for as long as they live: (keys that decrypt - 1) x period against the lifetime. `bad` needs a
 * refusal that shows it, `ok` keys that were seen working for long enough; that an old key was not used proves neither.
 */
export function coverageOf(lives: Lives): Coverage {
  const { periodMs } = rhythmOf(lives);
  const lifetimeS = lifetimeOf(lives.group);
  const keys = fewestKeys(lives);
  const coveredMs = keys === null || periodMs === null ? null : (keys - 1) * periodMs;
  const told = { keys, coveredMs, lifetimeS };
  if (lifetimeS === null)
    return { ...told, verdict: "unknown", sentence: "No source tells the lifetime of tickets." };
  const lifetimeMs = lifetimeS * 1_000;
  const life = `tickets live ${inLength(lifetimeMs)}`;
  const gapMs = gapOf(lives, lifetimeMs);
  if (gapMs !== null)
    return {
      ...told,
      verdict: "bad",
      sentence: `An old key was refused ${inLength(gapMs)} after it was followed, but ${life}.`,
    };
  const seenMs = Math.max(coveredMs ?? 0, retainedOf(lives) ?? 0);
  if (seenMs >= lifetimeMs)
    return {
      ...told,
      verdict: "ok",
      sentence: `Old keys open tickets for ${inLength(seenMs)}, and ${life}.`,
    };
  const seen =
    seenMs > 0
      ? `Old keys were seen opening tickets for ${inLength(seenMs)}`
      : "No old key was seen opening tickets";
  return { ...told, verdict: "unknown", sentence: `${seen}; ${life}, and no refusal shows a gap.` };
}

/** Keys that open tickets now, at the node that is seen with the fewest. */
function fewestKeys({ group, states }: Lives): number | null {
  const counts = group.places.map(
    (place) =>
      group.keys.filter(({ keyName }) => {
        const state = states.get(keyName)?.get(place)?.state;
        return state === "current" || state === "previous" || state === "staged";
      }).length,
  );
  return counts.length === 0 || Math.max(...counts) === 0
    ? null
    : Math.min(...counts.filter((count) => count > 0));
}

/** The exposure window of a group, live and by design. A key counts from its first ticket for as long as one node or another uses it. */
export function exposureOf(lives: Lives): Exposure {
  const { group, rotations, states, nowMs } = lives;
  const { periodMs } = rhythmOf(lives);
  const lifetimeS = lifetimeOf(group);
  const retainedMs = retainedOf(lives);
  const statesOf = ({ keyName }: GroupKey): StateAt[] => [...(states.get(keyName)?.values() ?? [])];
  const inUse = group.keys.filter(
    (key) =>
      statesOf(key).some(({ state }) => state === "current" || state === "previous") ||
      // A key that was said to be gone, and opens tickets all the same.
      key.at.some(({ place, uses }) => {
        const told = states.get(key.keyName)?.get(place);
        return (
          told?.state === "revoked" &&
          (uses.accepted?.lastMs ?? 0) > Math.max(told.sinceMs ?? 0, nowMs - RECENT_MS)
        );
      }),
  );
  const unended = group.keys.filter((key) => overall(statesOf(key)) === null).length;
  const fromMs = (key: GroupKey): number => key.issued?.firstMs ?? key.holds.firstMs;
  const oldest = inUse.reduce<GroupKey | null>((a, b) => (a === null || fromMs(b) < fromMs(a) ? b : a), null);
  const begun = oldest && rotations.rotations.find(({ keyName }) => keyName === oldest.keyName);
  const known = { periodMs, lifetimeS, retainedMs, unended };
  const old = Math.max((lifetimeS ?? 0) * 1_000, retainedMs ?? 0);
  const designMs = periodMs === null || lifetimeS === null ? null : periodMs + old;
  const liveMs = oldest && nowMs - fromMs(oldest);
  const atLeast = oldest !== null && begun?.basis !== "issued";
  const exposure = { liveMs, keyName: oldest?.keyName ?? null, atLeast, designMs, ...known };
  return { ...exposure, sentence: exposureSentence(exposure) };
}

/** In words; also of the largest of several groups. */
export function exposureSentence({ liveMs, atLeast, designMs, unended }: Omit<Exposure, "sentence">): string {
  if (liveMs === null) return "No key is known to be in use.";
  const live = `The oldest key in use is ${atLeast ? "at least " : ""}${inLength(liveMs)} old`;
  const design =
    designMs === null
      ? "what the design would be cannot be told yet"
      : `by design (period and ticket lifetime) it is ${inLength(designMs)}`;
  const rest =
    unended > 0
      ? ` Of ${unended} older ${unended === 1 ? "key" : "keys"} nobody told that they were destroyed.`
      : "";
  return `${live}; ${design}.${rest}`;
}

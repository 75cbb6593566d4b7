/** Everything that is told of keys at a moment, from what was seen and what was said: for screens, rules and findings alike. */
import {
  type Coverage,
  coverageOf,
  type Exposure,
  exposureOf,
  exposureSentence,
  type Rhythm,
  rhythmOf,
} from "./key-exposure.ts";
import { groupsOf, type KeyGroup } from "./key-groups.ts";
import { historyOf, type KeyHistory, type KeySighting, type KeyUseCount, UseCounts } from "./key-history.ts";
import {
  type Announced,
  type Announcement,
  announcedOf,
  type MissingRotation,
  missingOf,
} from "./key-matching.ts";
import { type Revocation, revocationOf } from "./key-revocation.ts";
import { type Rotation, rotationsOf } from "./key-rotations.ts";
import { type Overlap, overlapOf, type Stages, stagesOf } from "./key-spread.ts";
import { type StateAt, statesOf } from "./key-states.ts";
import type { KeyEvent } from "./keys.ts";

export type FleetInput = {
  readonly sightings: readonly KeySighting[];
  /** Rows by steps of `stepMs`; counts of what lies before them are not known. */
  readonly uses: readonly KeyUseCount[];
  readonly stepMs: number;
  /** Oldest first. */
  readonly events: readonly KeyEvent[];
  /** Recorded key rotations, without those that were only observed. */
  readonly announcements: readonly Announcement[];
  readonly nowMs: number;
};

export type JudgedRotation = Rotation & {
  readonly group: number;
  readonly stages: Stages;
  readonly overlap: Overlap;
  /** null: nobody announced it. */
  readonly announced: Announced | null;
};
export type JudgedGroup = {
  readonly group: KeyGroup;
  /** Oldest first. */
  readonly rotations: readonly JudgedRotation[];
  readonly churning: boolean;
  readonly states: ReadonlyMap<string, ReadonlyMap<string, StateAt>>;
  readonly rhythm: Rhythm;
  readonly coverage: Coverage;
  readonly exposure: Exposure;
};
export type KeyFleet = {
  readonly history: KeyHistory;
  readonly counts: UseCounts;
  readonly groups: readonly JudgedGroup[];
  readonly missing: readonly MissingRotation[];
  readonly revocations: readonly Revocation[];
  /** Over all groups: the largest, since one old key is enough. */
  readonly exposure: Exposure;
};

/** Judges a fleet's keys at a moment. Pure; grows with sightings and rows of uses. */
export function keyFleetOf(input: FleetInput): KeyFleet {
  const { events, announcements, nowMs } = input;
  const history = historyOf(input.sightings);
  const counts = new UseCounts(input.uses, input.stepMs);
  const known = { history, counts, nowMs };
  const found = groupsOf(history, events).map((group) => {
    const seen = rotationsOf(group, known);
    return { group, seen, rotations: seen.rotations };
  });
  const announced = announcedOf(found, announcements, { history, events });
  const groups = found.map(({ group, seen }): JudgedGroup => {
    const placeOf = (id: string) => history.places.get(id)?.place;
    const states = statesOf(group, seen.order, { events, placeOf, nowMs });
    const lives = { group, rotations: seen, states, nowMs };
    const rotations = seen.rotations.map((rotation, index): JudgedRotation => {
      const next = seen.rotations.slice(index + 1).find(({ local }) => !local);
      return {
        ...rotation,
        group: group.number,
        stages: stagesOf(rotation, { group, history, counts }),
        overlap: overlapOf(rotation, { group, history, counts }, next?.atMs ?? nowMs),
        announced: announced.get(rotation.keyName) ?? null,
      };
    });
    return {
      ...{ group, rotations, states, churning: seen.churning, rhythm: rhythmOf(lives) },
      ...{ coverage: coverageOf(lives), exposure: exposureOf(lives) },
    };
  });
  const revoked = firstOfEach(events.filter(({ action, atMs }) => action === "revoked" && atMs <= nowMs));
  return {
    history,
    counts,
    groups,
    missing: missingOf(found, announcements, { history, nowMs }),
    revocations: revoked.map((event) =>
      revocationOf(event, { groups: groups.map(({ group }) => group), history, counts }),
    ),
    exposure: largest(groups.map(({ exposure }) => exposure)),
  };
}

/** A key that was revoked twice in one scope was revoked the first time. */
function firstOfEach(events: readonly KeyEvent[]): KeyEvent[] {
  const first = new Map<string, KeyEvent>();
  for (const event of events) {
    const key = JSON.stringify([event.keyName, event.endpoint, event.node, event.keyGroup]);
    if (!first.has(key)) first.set(key, event);
  }
  return [...first.values()];
}

const NO_EXPOSURE: Omit<Exposure, "sentence"> = {
  ...{ liveMs: null, keyName: null, atLeast: false, designMs: null },
  ...{ periodMs: null, lifetimeS: null, retainedMs: null, unended: 0 },
};

function largest(exposures: readonly Exposure[]): Exposure {
  const [worst] = [...exposures].sort((a, b) => (b.liveMs ?? -1) - (a.liveMs ?? -1));
  const unended = exposures.reduce((sum, one) => sum + one.unended, 0);
  const exposure = { ...(worst ?? NO_EXPOSURE), unended };
  return { ...exposure, sentence: exposureSentence(exposure) };
}

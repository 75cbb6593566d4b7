/** What the use of keys gives to record and to find: rotations that nobody announced, missing ones, careless ones, revoked keys. */
import type { Finding } from "./findings.ts";
import type { Change } from "./handshake.ts";
import type { JudgedGroup, JudgedRotation, KeyFleet } from "./key-fleet.ts";
import { type KeyPlace, placeName } from "./key-history.ts";
import { inLength, inList, inUtc, inWhole } from "./words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A pipeline tells of a rotation within this, where it tells at all (lib/domain/key-matching.ts). */
const ANNOUNCED_BY_MS = 10 * MINUTE_MS;
/** A little later, so that what was pushed meanwhile is in the store. */
const FOUND_AFTER_MS = 15 * MINUTE_MS;
/** Clocks of whoever revoked and of nodes may differ so much. */
const CLOCKS_APART_MS = MINUTE_MS;

const idOf = (kind: string, ...parts: readonly string[]): string =>
  [kind, ...parts.map(encodeURIComponent)].join(":");
const placesOf = (ids: readonly string[], { history }: KeyFleet): KeyPlace[] =>
  ids.flatMap((id) => history.places.get(id)?.place ?? []);

/** The one endpoint or node that all places share; null where they do not. */
function scopeOf(places: readonly KeyPlace[]): KeyPlace {
  const one = (values: readonly (string | null)[]): string | null =>
    new Set(values).size === 1 ? (values[0] ?? null) : null;
  const node = places.length === 1 ? (places[0]?.node ?? null) : one(places.map((place) => place.node));
  return { endpoint: one(places.map(({ endpoint }) => endpoint)), node };
}

const namesOf = (places: readonly KeyPlace[]): string =>
  inList([...new Set(places.map(placeName))].sort(), 4);

/**
 * Rotations that nobody announced, as changes: so they stand in the timeline and explain incidents. Each has an id of its key, so
 * it is one change however often it is seen.
 */
export function observedChanges(fleet: KeyFleet, nowMs: number): Change[] {
  const rotations = fleet.groups.flatMap((group) => group.rotations);
  const ready = rotations.filter(
    ({ announced, atMs }) => announced === null && nowMs - atMs >= ANNOUNCED_BY_MS,
  );
  return ready.map((rotation): Change => {
    const places = placesOf(
      rotation.nodes.map(({ place }) => place),
      fleet,
    );
    const { keyName, previousKey, late, atMs } = rotation;
    const seen = late
      ? "first seen when a client came back with its ticket, so it was then or before"
      : "first seen when a ticket was made under it";
    const title = `Key rotation seen at ${namesOf(places)}`;
    const detail = `Nobody announced it. New key ${keyName} (${previousKey ? `after ${previousKey}; ` : ""}${seen}). ${rotation.stages.sentence} ${rotation.overlap.sentence}`;
    const change = { id: `observed-rotation-${keyName}`, kind: "key_rotation" as const, atMs, endMs: null };
    return { ...change, ...scopeOf(places), region: null, title, detail, ref: null, actor: null };
  });
}

/** Everything that deserves a look now. The same matter has the same id however often it is found. */
export function keyFindings(fleet: KeyFleet, nowMs: number): Finding[] {
  const isAnnounced = fleet.groups.some(({ rotations }) =>
    rotations.some(({ announced }) => announced !== null),
  );
  return [
    ...fleet.groups.flatMap((judged) => unannounced(judged, { fleet, nowMs, isAnnounced })),
    ...fleet.groups.flatMap((judged) => singleStage(judged, fleet)),
    ...fleet.groups.flatMap((judged) => overdue(judged, fleet, nowMs)),
    ...missing(fleet),
    ...accepted(fleet),
  ];
}

/** One for a group, that grows with each: a fleet that never announces is told once, and mildly (H30). */
function unannounced(
  { group, rotations }: JudgedGroup,
  { fleet, nowMs, isAnnounced }: { fleet: KeyFleet; nowMs: number; isAnnounced: boolean },
): Finding[] {
  const found = rotations.filter((one) => one.announced === null && nowMs - one.atMs >= FOUND_AFTER_MS);
  const [first] = found;
  const last = found.at(-1);
  if (!first || !last) return [];
  const places = placesOf(group.places, fleet);
  const id = idOf("unannounced_rotation", ...placeKey(places[0]));
  return [
    {
      ...{ id, kind: "unannounced_rotation", severity: isAnnounced ? "medium" : "low", ...scopeOf(places) },
      ...{ firstMs: first.atMs, lastMs: last.atMs, count: found.length },
      title: `A key began to be used at ${namesOf(places)} and nobody announced it`,
      evidence: [
        {
          label: "Rotations without a record",
          value: `${inWhole(found.length)} of ${inWhole(rotations.length)} seen`,
        },
        ...rotationEvidence(last),
      ],
    },
  ];
}

function rotationEvidence(rotation: JudgedRotation): Finding["evidence"] {
  return [
    { label: "New key", value: rotation.keyName },
    { label: "Key before", value: rotation.previousKey ?? "not known" },
    { label: "Seen", value: `${inUtc(rotation.atMs, 0)}${rotation.late ? ", one visit late" : ""}` },
    { label: "Old tickets", value: rotation.overlap.sentence },
  ];
}

function singleStage({ rotations }: JudgedGroup, fleet: KeyFleet): Finding[] {
  return rotations
    .filter(({ stages, local }) => stages.verdict === "single_stage" && !local)
    .map((rotation): Finding => {
      const places = placesOf(
        rotation.nodes.map(({ place }) => place),
        fleet,
      );
      const { atMs, keyName, stages, behind } = rotation;
      return {
        ...{ id: idOf("single_stage_rotation", keyName), kind: "single_stage_rotation", severity: "medium" },
        ...{ ...scopeOf(places), firstMs: atMs, lastMs: atMs, count: stages.refused, title: stages.sentence },
        evidence: [
          { label: "Offers of the new key refused", value: inWhole(stages.refused) },
          {
            label: "First to last node",
            value: stages.spreadMs === null ? "not known" : inLength(stages.spreadMs),
          },
          { label: "Stayed behind", value: behind.length ? namesOf(placesOf(behind, fleet)) : "none" },
          ...rotationEvidence(rotation),
        ],
      };
    });
}

/** A rhythm that stopped (FM-05): nothing fails, and the key grows old. */
function overdue({ group, rhythm, exposure }: JudgedGroup, fleet: KeyFleet, nowMs: number): Finding[] {
  const { lastMs, dueMs, periodMs, intervals } = rhythm;
  if (!rhythm.overdue || lastMs === null || dueMs === null || periodMs === null) return [];
  const places = placesOf(group.places, fleet);
  return [
    {
      ...{
        id: idOf("missing_rotation", "overdue", String(lastMs), ...placeKey(places[0])),
        kind: "missing_rotation",
      },
      ...{ severity: nowMs - lastMs > DAY_MS ? "high" : "medium", ...scopeOf(places) },
      ...{ firstMs: dueMs, lastMs: dueMs, count: 1 },
      title: `The next key of ${group.title} was due ${inUtc(dueMs, 0)} and did not come`,
      evidence: [
        {
          label: "Usual time between rotations",
          value: `${inLength(periodMs)} (${inWhole(intervals)} intervals)`,
        },
        { label: "Last rotation", value: inUtc(lastMs, 0) },
        { label: "Exposure window", value: exposure.sentence },
      ],
    },
  ];
}

function missing({ missing: list }: KeyFleet): Finding[] {
  return list
    .filter(({ verdict }) => verdict === "missing")
    .map(
      ({ id, atMs, title, endpoint, node }): Finding => ({
        ...{ id: idOf("missing_rotation", id), kind: "missing_rotation", severity: "high", endpoint, node },
        ...{ firstMs: atMs, lastMs: atMs, count: 1 },
        title: "A key rotation was announced and no new key was seen",
        evidence: [
          { label: "Announced", value: `${title} (${inUtc(atMs, 0)})` },
          { label: "Seen since", value: "keys in use, none of them new" },
        ],
      }),
    );
}

/** One for each node that accepts a revoked key (FM-08). */
function accepted(fleet: KeyFleet): Finding[] {
  return fleet.revocations.flatMap(({ event, nodes }) =>
    nodes.flatMap(({ place, verdict, accepted: count, lastAcceptedMs }): Finding[] => {
      const lastMs = lastAcceptedMs ?? 0;
      if (verdict !== "accepting" || lastMs <= event.atMs + CLOCKS_APART_MS) return [];
      const [at] = placesOf([place], fleet);
      return [
        {
          ...{ id: idOf("revoked_key_accepted", event.id, ...placeKey(at)), kind: "revoked_key_accepted" },
          ...{ severity: "critical", endpoint: at?.endpoint ?? null, node: at?.node ?? null },
          ...{ firstMs: event.atMs, lastMs, count: Math.max(1, count ?? 1) },
          title: `${at ? placeName(at) : "A node"} accepts tickets of a revoked key`,
          evidence: [
            { label: "Key", value: event.keyName },
            { label: "Revoked", value: `${inUtc(event.atMs, 0)}${event.actor ? ` by ${event.actor}` : ""}` },
            { label: "Last accepted", value: inUtc(lastMs, 0) },
            { label: "Accepted since", value: `at least ${inWhole(Math.max(1, count ?? 1))}` },
          ],
        },
      ];
    }),
  );
}

const placeKey = (place: KeyPlace | undefined): string[] => [place?.endpoint ?? "", place?.node ?? ""];

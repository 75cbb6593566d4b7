/** How a rotation went: whether nodes could open tickets before others made them, and whether old tickets went on working. */
import type { KeyGroup } from "./key-groups.ts";
import { holdsOf, type KeyAt, type KeyHistory, placeName, type UseCounts } from "./key-history.ts";
import { type Rotation, SPREAD_MS } from "./key-rotations.ts";
import { inLength, inList, inWhole } from "./words.ts";

/** Refused offers of a new key that a single client's odd ticket does not explain. */
const LEAST_REFUSED = 2;
/** Tickets of a new key that were opened before it is said that all went well. */
const LEAST_ACCEPTED = 10;
/** A ticket that is on its way while a node changes keys. */
const ON_THE_WAY_MS = 60_000;

export type Stages = {
  readonly verdict: "two_stage" | "single_stage" | "unknown";
  readonly refused: number;
  readonly spreadMs: number | null;
  readonly sentence: string;
};
export type Overlap = {
  readonly verdict: "kept" | "partly" | "dropped" | "unknown";
  readonly accepted: number;
  readonly refused: number;
  readonly sentence: string;
};
type Known = { readonly group: KeyGroup; readonly history: KeyHistory; readonly counts: UseCounts };

const atOf = (group: KeyGroup, keyName: string | null, place: string): KeyAt | undefined =>
  group.keys.find((key) => key.keyName === keyName)?.at.find((at) => at.place === place);

/** A key's uses at a place where only refusals are known stand outside of the group's keys. */
const seenAt = ({ history }: Known, keyName: string | null, place: string): KeyAt | undefined =>
  keyName === null ? undefined : history.keys.get(keyName)?.get(place);

/** Two-stage check (H09, FM-06): offers of the new name that were refused within the time in which it spread. */
export function stagesOf(rotation: Rotation, known: Known): Stages {
  const { atMs, keyName } = rotation;
  const firsts = rotation.nodes.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
  const spreadMs = rotation.nodes.length > 1 ? Math.max(...firsts) - Math.min(...firsts) : null;
  if (rotation.nodes.length < 2)
    return { verdict: "unknown", refused: 0, spreadMs, sentence: "One node: nothing had to spread." };
  const span = { fromMs: known.counts.stepOf(atMs), toMs: atMs + SPREAD_MS };
  const late = rotation.nodes.filter(({ place }) => couldNotOpen(seenAt(known, keyName, place), atMs));
  const refused = late.reduce(
    (sum, { place }) => sum + Math.max(1, known.counts.sum(place, { keyName, use: "refused" }, span)),
    0,
  );
  const told = { refused, spreadMs };
  if (refused >= LEAST_REFUSED) {
    const names = inList(late.map(({ place }) => nameOf(known, place)));
    const sentence = `Tickets of the new key were made before ${names} could open them: ${inWhole(refused)} offers were refused within ${inLength(SPREAD_MS)}.`;
    return { ...told, verdict: "single_stage", sentence };
  }
  const opened = rotation.nodes.reduce(
    (sum, { place }) => sum + (atOf(known.group, keyName, place)?.uses.accepted?.count ?? 0),
    0,
  );
  if (rotation.behind.length > 0 || firsts.length < rotation.nodes.length || opened < LEAST_ACCEPTED)
    return {
      ...told,
      verdict: "unknown",
      sentence: "Not every node was seen opening tickets of the new key.",
    };
  return {
    ...told,
    verdict: "two_stage",
    sentence: "No node refused tickets of the new key while it spread.",
  };
}

/** Whether a node refused a new key's tickets before it first opened one, soon after the key began. */
function couldNotOpen(at: KeyAt | undefined, atMs: number): boolean {
  const refused = at?.uses.refused;
  if (!at || !refused || refused.firstMs > atMs + SPREAD_MS) return false;
  const holds = holdsOf(at);
  return holds === null || holds.firstMs > refused.firstMs;
}

/** Whether tickets of the previous key went on working (FM-03): the tickets that came to each node after it had the new key. */
export function overlapOf(rotation: Rotation, known: Known, untilMs: number): Overlap {
  const { previousKey, atMs } = rotation;
  const fromMs = known.counts.stepAfter(atMs);
  const span = { fromMs, toMs: untilMs };
  const sum = (use: "accepted" | "refused"): number =>
    rotation.nodes.reduce(
      (all, { place }) => all + known.counts.sum(place, { keyName: previousKey, use }, span),
      0,
    );
  const told = { accepted: sum("accepted"), refused: sum("refused") };
  const kept: string[] = [];
  const dropped: string[] = [];
  for (const { place, firstMs } of rotation.nodes) {
    if (firstMs === null || rotation.behind.includes(place)) continue;
    const at = seenAt(known, previousKey, place);
    const afterMs = firstMs + ON_THE_WAY_MS;
    if ((at?.uses.accepted?.lastMs ?? 0) > afterMs) kept.push(place);
    else if ((at?.uses.refused?.lastMs ?? 0) > firstMs) dropped.push(place);
  }
  const names = (places: readonly string[]): string => inList(places.map((place) => nameOf(known, place)));
  if (kept.length + dropped.length === 0)
    return { ...told, verdict: "unknown", sentence: "No ticket of the previous key came back after it." };
  if (dropped.length === 0)
    return { ...told, verdict: "kept", sentence: "Tickets of the previous key went on working." };
  if (kept.length === 0)
    return {
      ...told,
      verdict: "dropped",
      sentence: `Tickets of the previous key were refused from then on (${names(dropped)}).`,
    };
  const sentence = `Tickets of the previous key were refused by ${names(dropped)}, and went on working at ${names(kept)}.`;
  return { ...told, verdict: "partly", sentence };
}

function nameOf({ history }: Known, place: string): string {
  const known = history.places.get(place);
  return known ? placeName(known.place) : place;
}

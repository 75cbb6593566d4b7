import { type KeyFleet, keyFleetOf } from "../domain/key-fleet.ts";
import { KEY_BUCKET_MS } from "../domain/keys.ts";
import type { ReadStore, StoredChange, TenantId } from "../store/port.ts";
import type { StoredKeyEvent } from "../store/port-keys.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rhythms, groups and old keys are told from at least so much history. */
const LOOK_BACK_MS = 30 * DAY_MS;
/** Announcements are matched with rotations from a little before. */
const AROUND_MS = DAY_MS;
const MOST_SIGHTINGS = 100_000;
const MOST_EVENTS = 5_000;
const MOST_CHANGES = 20_000;
/** Rows of uses that are read at most, about: steps become longer for larger fleets. */
const MOST_ROWS = 120_000;
const STEPS_MS = [KEY_BUCKET_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
/** In `via` of changes that Reprise itself saw in the use of keys. */
export const OBSERVED = "observed";

export type KnownFleet = {
  readonly fleet: KeyFleet;
  readonly events: readonly StoredKeyEvent[];
  /** Rotations that were recorded because they were seen. */
  readonly observed: readonly StoredChange[];
};

/**
 * Everything that is told of a tenant's keys now. Counts reach back to `fromMs` or to the oldest revocation that is looked
 * at; states, rhythms and groups rest on thirty days, or more where the window is longer.
 */
export async function readKeyFleet(
  store: Pick<ReadStore, "keys" | "readChanges">,
  tenant: TenantId,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
): Promise<KnownFleet> {
  const sinceMs = Math.min(fromMs, nowMs - LOOK_BACK_MS);
  const window = { fromMs: sinceMs - AROUND_MS, toMs: nowMs + DAY_MS };
  const sightings = await store.keys.readSightings(tenant, { sinceMs, limit: MOST_SIGHTINGS });
  const events = await store.keys.readKeyEvents(tenant, { ...window, limit: MOST_EVENTS });
  const changes = await store.readChanges(tenant, { ...window, limit: MOST_CHANGES });
  const rotations = changes.filter(({ kind }) => kind === "key_rotation");
  const revokedMs = events.filter(({ action }) => action === "revoked").map(({ atMs }) => atMs);
  const usesFromMs = Math.min(fromMs, ...revokedMs.filter((ms) => ms >= nowMs - LOOK_BACK_MS));
  const stepMs = stepFor(sightings.filter(({ lastMs }) => lastMs >= usesFromMs).length, nowMs - usesFromMs);
  const fromStepMs = Math.floor(usesFromMs / stepMs) * stepMs;
  const uses = await store.keys.readUses(tenant, { fromMs: fromStepMs, toMs: nowMs + HOUR_MS, stepMs });
  const fleet = keyFleetOf({
    ...{ sightings, uses, stepMs, events, nowMs },
    announcements: rotations.filter(({ via }) => via !== OBSERVED),
  });
  return { fleet, events, observed: rotations.filter(({ via }) => via === OBSERVED) };
}

function stepFor(series: number, spanMs: number): number {
  return STEPS_MS.find((stepMs) => series * (spanMs / stepMs) <= MOST_ROWS) ?? DAY_MS;
}

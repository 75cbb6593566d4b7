/** The policy at work and its limits, from what was seen and declared. */
import type { LabReply } from "../contract/read-lab.ts";
import type { ReadStore, TenantId } from "../store/port.ts";

export type KnownPolicies = Pick<LabReply, "today" | "bounds">;

const MOST_SIGHTINGS = 5_000;

/** What is known of lifetime, period and retained keys of an endpoint (null: of all), and what limits them. */
export async function readKnownPolicy(
  store: ReadStore,
  tenant: TenantId,
  at: {
    readonly endpoint: string | null;
    readonly window: { readonly fromMs: number };
    readonly nowMs: number;
  },
): Promise<KnownPolicies> {
  const sightings = await store.keys.readSightings(tenant, {
    sinceMs: at.window.fromMs,
    limit: MOST_SIGHTINGS,
    ...(at.endpoint === null ? {} : { endpoint: at.endpoint }),
  });
  const hint = sightings.find(({ lifetimeHintS }) => lifetimeHintS !== null && lifetimeHintS > 0);
  const lifetimeS = hint?.lifetimeHintS ?? null;
  return {
    today: {
      lifetimeS: lifetimeS === null ? null : { value: lifetimeS, from: "keys" },
      periodS: null,
      retained: null,
    },
    bounds: { certificateUntilMs: null, revocationSlaS: null },
  };
}

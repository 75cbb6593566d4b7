/** The policy at work and its limits, from what was seen and declared. */
import type { LabReply } from "../contract/read-lab.ts";
import type { JudgedGroup } from "../domain/key-fleet.ts";
import { headroomOf } from "../domain/load.ts";
import type { NodeProbe } from "../domain/probe.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import { readIntents } from "./intents.ts";
import { readKeyFleet } from "./key-fleet.ts";

export type KnownPolicies = Pick<LabReply, "today" | "bounds" | "free">;
type Known = LabReply["today"]["lifetimeS"];
type Asked = {
  readonly endpoint: string | null;
  readonly window: { readonly fromMs: number };
  readonly nowMs: number;
};

/**
 * What is known of lifetime, period and retained keys of an endpoint (null: of all), and what limits them. What was seen goes
 * before what was declared; of several groups of keys, those with the longest exposure window stand for all.
 */
export async function readKnownPolicy(
  store: ReadStore,
  tenant: TenantId,
  { endpoint, window, nowMs }: Asked,
): Promise<KnownPolicies> {
  const [{ fleet }, intents, certificateUntilMs] = await Promise.all([
    readKeyFleet(store, tenant, { fromMs: window.fromMs, nowMs }),
    readIntents(store, tenant),
    firstCertificateEnd(store, tenant, endpoint),
  ]);
  const concerned = fleet.groups.filter(
    ({ group }) =>
      endpoint === null ||
      group.places.some((id) => fleet.history.places.get(id)?.place.endpoint === endpoint),
  );
  const nodes = concerned.flatMap(({ group }) =>
    group.places.flatMap((id) => fleet.history.places.get(id)?.place.node ?? []),
  );
  const worst = concerned.sort((a, b) => exposedMs(b) - exposedMs(a))[0];
  const said = intents.of(endpoint);
  const { periodMs = null } = worst?.rhythm ?? {};
  const { keys = null, lifetimeS = null } = worst?.coverage ?? {};
  return {
    today: {
      lifetimeS: known(lifetimeS, said.ticketLifetimeS),
      periodS: known(periodMs === null ? null : periodMs / 1_000, said.rotationPeriodS),
      // Coverage counts the key that encrypts too.
      retained: known(keys === null ? null : Math.max(0, keys - 1), said.retainedKeys),
    },
    bounds: { certificateUntilMs, revocationSlaS: said.revocationSlaS },
    free: headroomOf(await store.readNodeLoads(tenant), { nowMs, nodes: nodes.length ? nodes : null }),
  };
}

function known(seen: number | null, declared: number | null): Known {
  if (seen !== null) return { value: seen, from: "keys" };
  return declared === null ? null : { value: declared, from: "declared" };
}

const exposedMs = ({ exposure }: JudgedGroup): number => exposure.designMs ?? exposure.liveMs ?? -1;

/** When the first certificate ends that the prober last saw, epoch ms; null: it saw none. */
async function firstCertificateEnd(
  store: ReadStore,
  tenant: TenantId,
  endpoint: string | null,
): Promise<number | null> {
  const probes = await store.probes.readNewestProbes(tenant);
  const ends = probes
    .filter((probe) => endpoint === null || probe.endpoint === endpoint)
    .flatMap(({ result }) => (result as NodeProbe).certificate?.validToMs ?? []);
  return ends.length ? Math.min(...ends) : null;
}

import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { type Ask, guarded } from "@/app/_server/guard.ts";
import { probePauseBody, probeTargetBody, specOfBody } from "@/lib/contract/probe.ts";
import type { StoredProbeTarget } from "@/lib/store/port-probe.ts";

export const dynamic = "force-dynamic";

type Asked = Ask<{ id: string }>;

/** Changes a target of the console. */
export const PUT = guarded<{ id: string }>("admin", (ask) =>
  onTarget(ask, async (target) => {
    if (target.origin === "configuration") return ofTheFile();
    const { paused, ...rest } = await bodyOf(ask.request, probeTargetBody);
    await save(ask, { ...target, endpoint: rest.endpoint, paused, spec: specOfBody(rest) });
    return json({ id: target.id });
  }),
);

/** Pauses a target or goes on with it, also one of the configuration file. */
export const PATCH = guarded<{ id: string }>("admin", (ask) =>
  onTarget(ask, async (target) => {
    const { paused } = await bodyOf(ask.request, probePauseBody);
    await save(ask, { ...target, paused });
    return json({ id: target.id });
  }),
);

/** Deletes a target of the console; what was found stays until its retention ends. */
export const DELETE = guarded<{ id: string }>("admin", (ask) =>
  onTarget(ask, async ({ id, origin }) => {
    if (origin === "configuration") return ofTheFile();
    await ask.acts.probes.deleteProbeTarget(ask.tenant, id);
    return json({ id });
  }),
);

async function onTarget(
  { reader, tenant, path: { id } }: Asked,
  work: (target: StoredProbeTarget) => Promise<Response>,
): Promise<Response> {
  const targets = await reader.probes.readProbeTargets(tenant);
  const target = targets.find((one) => one.id === id);
  return target ? work(target) : problem(404, { error: "There is no such target." });
}

function save({ acts, tenant }: Asked, target: StoredProbeTarget): Promise<void> {
  return acts.probes.saveProbeTarget(tenant, { ...target, updatedMs: Date.now() });
}

const ofTheFile = (): Response =>
  problem(409, { error: "This target stands in the configuration file: change it there." });

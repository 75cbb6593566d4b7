import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { stores } from "@/app/_server/stores.ts";
import { probePauseBody, probeTargetBody, specOfBody } from "@/lib/contract/probe.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";
import type { StoredProbeTarget } from "@/lib/store/port-probe.ts";

export const dynamic = "force-dynamic";

type Context = { readonly params: Promise<{ readonly id: string }> };

/** Changes a target of the console. */
export function PUT(request: Request, context: Context): Promise<Response> {
  return onTarget(request, context, async (target) => {
    if (target.origin === "configuration") return ofTheFile();
    const { paused, ...rest } = await bodyOf(request, probeTargetBody);
    await save(request, { ...target, endpoint: rest.endpoint, paused, spec: specOfBody(rest) });
    return json({ id: target.id });
  });
}

/** Pauses a target or goes on with it, also one of the configuration file. */
export function PATCH(request: Request, context: Context): Promise<Response> {
  return onTarget(request, context, async (target) => {
    const { paused } = await bodyOf(request, probePauseBody);
    await save(request, { ...target, paused });
    return json({ id: target.id });
  });
}

/** Deletes a target of the console; what was found stays until its retention ends. */
export function DELETE(request: Request, context: Context): Promise<Response> {
  return onTarget(request, context, async ({ id, origin }) => {
    if (origin === "configuration") return ofTheFile();
    await actsOf(request).probes.deleteProbeTarget(DEFAULT_TENANT, id);
    return json({ id });
  });
}

function onTarget(
  request: Request,
  context: Context,
  work: (target: StoredProbeTarget) => Promise<Response>,
): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Targets are changed from the console itself only." });
    const { id } = await context.params;
    const targets = await stores().reader.probes.readProbeTargets(DEFAULT_TENANT);
    const target = targets.find((one) => one.id === id);
    return target ? work(target) : problem(404, { error: "There is no such target." });
  });
}

function save(request: Request, target: StoredProbeTarget): Promise<void> {
  return actsOf(request).probes.saveProbeTarget(DEFAULT_TENANT, { ...target, updatedMs: Date.now() });
}

const ofTheFile = (): Response =>
  problem(409, { error: "This target stands in the configuration file: change it there." });

import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { stores } from "@/app/_server/stores.ts";
import { MAX_PROBE_TARGETS, probeTargetBody, specOfBody } from "@/lib/contract/probe.ts";
import { readProbeTargets } from "@/lib/read/probes.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(): Promise<Response> {
  return answer(async () => json(await readProbeTargets(stores().reader, DEFAULT_TENANT, Date.now())));
}

/**
 * Adds a target. Any host and port may be named: the nodes behind a balancer have private addresses. What is connected to
 * gets one TLS handshake at a time and nothing of what it answers is shown but TLS facts.
 */
export function POST(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Targets are added from the console itself only." });
    const body = await bodyOf(request, probeTargetBody);
    const { probes } = actsOf(request);
    const known = await probes.readProbeTargets(DEFAULT_TENANT);
    if (known.filter(({ origin }) => origin === "console").length >= MAX_PROBE_TARGETS)
      return problem(409, { error: `There are ${MAX_PROBE_TARGETS} targets already: delete one first.` });
    const { paused, ...rest } = body;
    const [id, nowMs] = [randomUUID(), Date.now()];
    const target = {
      id,
      origin: "console",
      endpoint: body.endpoint,
      paused,
      spec: specOfBody(rest),
    } as const;
    await probes.saveProbeTarget(DEFAULT_TENANT, { ...target, createdMs: nowMs, updatedMs: nowMs });
    return json({ id }, 201);
  });
}

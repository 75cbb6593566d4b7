import { randomUUID } from "node:crypto";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { MAX_PROBE_TARGETS, probeTargetBody, specOfBody } from "@/lib/contract/probe.ts";
import { readProbeTargets } from "@/lib/read/probes.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ tenant, reader }) =>
  json(await readProbeTargets(reader, tenant, Date.now())),
);

/**
 * Adds a target. Any host and port may be named: the nodes behind a balancer have private addresses. What is connected to
 * gets one TLS handshake at a time and nothing of what it answers is shown but TLS facts.
 */
export const POST = guarded("admin", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, probeTargetBody);
  const { probes } = acts;
  const known = await probes.readProbeTargets(tenant);
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
  await probes.saveProbeTarget(tenant, { ...target, createdMs: nowMs, updatedMs: nowMs });
  return json({ id }, 201);
});

import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { incidentActionBody } from "@/lib/contract/read-incidents.ts";
import { readIncidentDetail } from "@/lib/read/incident-detail.ts";
import { incidentRowOf } from "@/lib/read/incidents.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";

export const dynamic = "force-dynamic";

const unknown = (): Response => problem(404, { error: "There is no incident with this id.", field: "id" });

export const GET = guarded<{ id: string }>("viewer", async ({ tenant, reader, path: { id } }) => {
  const at = { id, nowMs: Date.now(), costs: costs() };
  const reply = await readIncidentDetail(reader, tenant, at);
  return reply ? json(reply) : unknown();
});

/** Does what a person wants with an incident; answers its row as it is then. */
export const POST = guarded<{ id: string }>(
  "operator",
  async ({ request, tenant, reader, acts, path: { id } }) => {
    const { action, actor, text } = await bodyOf(request, incidentActionBody);
    if (action === "comment" && !text?.trim()) throw new ParameterProblem("text", "a comment needs a text");
    const nowMs = Date.now();
    const said = text?.trim() || null;
    const incident = await acts.actOnIncident(tenant, {
      id,
      action,
      actor,
      text: said,
      nowMs,
    });
    if (!incident) return unknown();
    return json(await incidentRowOf(reader, tenant, { incident, nowMs, costs: costs() }));
  },
);

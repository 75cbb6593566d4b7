import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { stores } from "@/app/_server/stores.ts";
import { incidentActionBody } from "@/lib/contract/read-incidents.ts";
import { readIncidentDetail } from "@/lib/read/incident-detail.ts";
import { incidentRowOf } from "@/lib/read/incidents.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

type Context = { readonly params: Promise<{ id: string }> };

const unknown = (): Response => problem(404, { error: "There is no incident with this id.", field: "id" });

export function GET(_request: Request, context: Context): Promise<Response> {
  return answer(async () => {
    const { id } = await context.params;
    const at = { id, nowMs: Date.now(), costs: costs() };
    const reply = await readIncidentDetail(stores().reader, DEFAULT_TENANT, at);
    return reply ? json(reply) : unknown();
  });
}

/** Does what a person wants with an incident; answers its row as it is then. */
export function POST(request: Request, context: Context): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Incidents are handled from the console itself only." });
    const { id } = await context.params;
    const { action, actor, text } = await bodyOf(request, incidentActionBody);
    if (action === "comment" && !text?.trim()) throw new ParameterProblem("text", "a comment needs a text");
    const nowMs = Date.now();
    const said = text?.trim() || null;
    const incident = await actsOf(request).actOnIncident(DEFAULT_TENANT, {
      id,
      action,
      actor,
      text: said,
      nowMs,
    });
    if (!incident) return unknown();
    return json(await incidentRowOf(stores().reader, DEFAULT_TENANT, { incident, nowMs, costs: costs() }));
  });
}

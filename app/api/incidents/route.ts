import { json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { incidentsParams } from "@/lib/contract/read-incidents.ts";
import { readIncidentList } from "@/lib/read/incidents.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, incidentsParams);
  const at = { params, nowMs: Date.now(), costs: costs() };
  return json(await readIncidentList(reader, tenant, at));
});

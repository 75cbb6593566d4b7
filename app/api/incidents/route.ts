import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { stores } from "@/app/_server/stores.ts";
import { incidentsParams } from "@/lib/contract/read-incidents.ts";
import { readIncidentList } from "@/lib/read/incidents.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, incidentsParams);
    const at = { params, nowMs: Date.now(), costs: costs() };
    return json(await readIncidentList(stores().reader, DEFAULT_TENANT, at));
  });
}

import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { stores } from "@/app/_server/stores.ts";
import { labParams } from "@/lib/contract/read-lab.ts";
import { readLab } from "@/lib/read/lab.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, labParams);
    return json(
      await readLab(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now(), costs: costs() }),
    );
  });
}

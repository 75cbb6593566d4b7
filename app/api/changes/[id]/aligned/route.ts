import { answer, json, parametersOf, problem } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { alignedParams } from "@/lib/contract/read-effect.ts";
import { readAligned } from "@/lib/read/aligned.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answer(async () => {
    const { id } = await context.params;
    const params = parametersOf(request, alignedParams);
    const aligned = await readAligned(stores().reader, DEFAULT_TENANT, { id, params, nowMs: Date.now() });
    return aligned ? json(aligned) : problem(404, { error: "There is no change with this id.", field: "id" });
  });
}

import { answer, json, problem } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { readEffect } from "@/lib/read/effect.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(_request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answer(async () => {
    const { id } = await context.params;
    const effect = await readEffect(stores().reader, DEFAULT_TENANT, { id, nowMs: Date.now() });
    return effect ? json(effect) : problem(404, { error: "There is no change with this id.", field: "id" });
  });
}

import { json, parametersOf, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { alignedParams } from "@/lib/contract/read-effect.ts";
import { readAligned } from "@/lib/read/aligned.ts";

export const dynamic = "force-dynamic";

export const GET = guarded<{ id: string }>("viewer", async ({ request, tenant, reader, path: { id } }) => {
  const params = parametersOf(request, alignedParams);
  const aligned = await readAligned(reader, tenant, { id, params, nowMs: Date.now() });
  return aligned ? json(aligned) : problem(404, { error: "There is no change with this id.", field: "id" });
});

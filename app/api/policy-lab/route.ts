import { json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { labParams } from "@/lib/contract/read-lab.ts";
import { readLab } from "@/lib/read/lab.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, labParams);
  return json(await readLab(reader, tenant, { params, nowMs: Date.now(), costs: costs() }));
});

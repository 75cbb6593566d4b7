import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { recoveryParams } from "@/lib/contract/read-lab.ts";
import { readRecoveryAt } from "@/lib/read/lab-recovery.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, recoveryParams);
  return json(await readRecoveryAt(reader, tenant, { params, nowMs: Date.now() }));
});

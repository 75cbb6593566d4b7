import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { recoveryParams } from "@/lib/contract/read-lab.ts";
import { readRecoveryAt } from "@/lib/read/lab-recovery.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, recoveryParams);
    return json(await readRecoveryAt(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() }));
  });
}

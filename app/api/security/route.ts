import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { securityParams } from "@/lib/contract/read-security.ts";
import { readSecurity } from "@/lib/read/security.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, securityParams);
    return json(await readSecurity(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() }));
  });
}

import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { securityParams } from "@/lib/contract/read-security.ts";
import { readSecurity } from "@/lib/read/security.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, securityParams);
  return json(await readSecurity(reader, tenant, { params, nowMs: Date.now() }));
});

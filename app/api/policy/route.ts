import { HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { policyCsv } from "@/app/_server/policy-csv.ts";
import { policyParams } from "@/lib/contract/read-policy.ts";
import { readPolicy } from "@/lib/read/policy.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, policyParams);
  const reply = await readPolicy(reader, tenant, { params, nowMs: Date.now() });
  if (params.format !== "csv") return json(reply);
  const headers = {
    ...HEADERS,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="policy.csv"',
  };
  return new Response(policyCsv(reply), { headers });
});

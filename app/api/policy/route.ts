import { answer, HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { policyCsv } from "@/app/_server/policy-csv.ts";
import { stores } from "@/app/_server/stores.ts";
import { policyParams } from "@/lib/contract/read-policy.ts";
import { readPolicy } from "@/lib/read/policy.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, policyParams);
    const reply = await readPolicy(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() });
    if (params.format !== "csv") return json(reply);
    const headers = {
      ...HEADERS,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="policy.csv"',
    };
    return new Response(policyCsv(reply), { headers });
  });
}

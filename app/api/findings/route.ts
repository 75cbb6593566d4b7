import { HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { findingsCsv } from "@/app/_server/findings-csv.ts";
import { guarded } from "@/app/_server/guard.ts";
import { findingsParams } from "@/lib/contract/read-security.ts";
import { readFindingList } from "@/lib/read/findings.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, findingsParams);
  const reply = await readFindingList(reader, tenant, { params, nowMs: Date.now() });
  if (params.format !== "csv") return json(reply);
  const headers = {
    ...HEADERS,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="findings.csv"',
  };
  return new Response(findingsCsv(reply), { headers });
});

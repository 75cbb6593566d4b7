import { answer, HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { findingsCsv } from "@/app/_server/findings-csv.ts";
import { stores } from "@/app/_server/stores.ts";
import { findingsParams } from "@/lib/contract/read-security.ts";
import { readFindingList } from "@/lib/read/findings.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, findingsParams);
    const reply = await readFindingList(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() });
    if (params.format !== "csv") return json(reply);
    const headers = {
      ...HEADERS,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="findings.csv"',
    };
    return new Response(findingsCsv(reply), { headers });
  });
}

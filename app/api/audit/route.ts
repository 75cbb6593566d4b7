import { answer, HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { auditCsv } from "@/app/_server/audit-csv.ts";
import { stores } from "@/app/_server/stores.ts";
import { auditParams } from "@/lib/contract/read-audit.ts";
import { readAuditLog } from "@/lib/read/audit.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** What people changed. */
export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, auditParams);
    const reply = await readAuditLog(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() });
    if (params.format !== "csv") return json(reply);
    const headers = {
      ...HEADERS,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="reprise-audit.csv"',
    };
    return new Response(auditCsv(reply), { headers });
  });
}

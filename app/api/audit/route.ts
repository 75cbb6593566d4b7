import { HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { auditCsv } from "@/app/_server/audit-csv.ts";
import { auditPlaceOf } from "@/app/_server/audit-place.ts";
import { guarded } from "@/app/_server/guard.ts";
import { auditParams } from "@/lib/contract/read-audit.ts";
import { readAuditLog } from "@/lib/read/audit.ts";

export const dynamic = "force-dynamic";

/** What people changed in the tenant, or in the installation itself. */
export const GET = guarded("admin", async ({ request, visitor, reader }) => {
  const params = parametersOf(request, auditParams);
  const reply = await readAuditLog(reader, auditPlaceOf(visitor, params), { params, nowMs: Date.now() });
  if (params.format !== "csv") return json(reply);
  const headers = {
    ...HEADERS,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="reprise-audit.csv"',
  };
  return new Response(auditCsv(reply), { headers });
});

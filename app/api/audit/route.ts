import { HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { auditCsv } from "@/app/_server/audit-csv.ts";
import { guarded } from "@/app/_server/guard.ts";
import { auditParams } from "@/lib/contract/read-audit.ts";
import { readAuditLog } from "@/lib/read/audit.ts";

export const dynamic = "force-dynamic";

/** What people changed. */
export const GET = guarded("admin", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, auditParams);
  const reply = await readAuditLog(reader, tenant, { params, nowMs: Date.now() });
  if (params.format !== "csv") return json(reply);
  const headers = {
    ...HEADERS,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="reprise-audit.csv"',
  };
  return new Response(auditCsv(reply), { headers });
});

import { json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { summaryParams } from "@/lib/contract/read.ts";
import { readSummary } from "@/lib/read/summary.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, summaryParams);
  return json(await readSummary(reader, tenant, { params, nowMs: Date.now(), costs: costs() }));
});

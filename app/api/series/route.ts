import { HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { seriesCsv } from "@/app/_server/csv.ts";
import { guarded } from "@/app/_server/guard.ts";
import { seriesParams } from "@/lib/contract/read.ts";
import { readSeries } from "@/lib/read/series.ts";
import { seriesRows } from "@/lib/read/series-rows.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, seriesParams);
  const reply = await readSeries(reader, tenant, {
    params,
    nowMs: Date.now(),
    costs: costs(),
  });
  if (params.format === "rows") return json(seriesRows(reply));
  if (params.format !== "csv") return json(reply);
  const name = `reprise-${reply.metric}.csv`;
  return new Response(seriesCsv(reply), {
    headers: {
      ...HEADERS,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
});

import { answer, HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { seriesCsv } from "@/app/_server/csv.ts";
import { stores } from "@/app/_server/stores.ts";
import { seriesParams } from "@/lib/contract/read.ts";
import { readSeries } from "@/lib/read/series.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, seriesParams);
    const reply = await readSeries(stores().reader, DEFAULT_TENANT, {
      params,
      nowMs: Date.now(),
      costs: costs(),
    });
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
}

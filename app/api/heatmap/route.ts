import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { heatmapParams } from "@/lib/contract/read.ts";
import { readHeatmap } from "@/lib/read/heatmap.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, heatmapParams);
  return json(await readHeatmap(reader, tenant, { params, nowMs: Date.now() }));
});

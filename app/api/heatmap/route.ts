import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { heatmapParams } from "@/lib/contract/read.ts";
import { readHeatmap } from "@/lib/read/heatmap.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, heatmapParams);
    return json(await readHeatmap(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() }));
  });
}

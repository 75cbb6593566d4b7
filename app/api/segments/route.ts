import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { segmentsParams } from "@/lib/contract/read.ts";
import { readSegmentList } from "@/lib/read/lists.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, segmentsParams);
    return json(await readSegmentList(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() }));
  });
}

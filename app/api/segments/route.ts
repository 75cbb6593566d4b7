import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { segmentsParams } from "@/lib/contract/read.ts";
import { readSegmentList } from "@/lib/read/lists.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, segmentsParams);
  return json(await readSegmentList(reader, tenant, { params, nowMs: Date.now() }));
});

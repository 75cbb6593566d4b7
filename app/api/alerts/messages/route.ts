import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { messagesParams } from "@/lib/contract/read-alerts.ts";
import { readMessageLog } from "@/lib/read/alerts/messages.ts";

export const dynamic = "force-dynamic";

/** The delivery log. */
export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, messagesParams);
  return json(await readMessageLog(reader, tenant, { ...params, nowMs: Date.now() }));
});

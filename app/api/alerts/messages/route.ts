import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { messagesParams } from "@/lib/contract/read-alerts.ts";
import { readMessageLog } from "@/lib/read/alerts/messages.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** The delivery log. */
export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, messagesParams);
    return json(await readMessageLog(stores().reader, DEFAULT_TENANT, { ...params, nowMs: Date.now() }));
  });
}

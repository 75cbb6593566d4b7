import { answerWrite } from "@/app/_server/alerting.ts";
import { json, problem } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Sends a message again that was given up, or at once what waits for its next try. */
export function POST(request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const known = await stores().people.alerting.resendMessage(DEFAULT_TENANT, { id, nowMs: Date.now() });
    if (known) return json({ ok: true });
    return problem(404, { error: "There is no message with this id that was not sent.", field: "id" });
  });
}

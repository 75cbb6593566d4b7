import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { json, problem } from "@/app/_server/answer.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Sends a message again that was given up, or at once what waits for its next try. */
export function POST(request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const known = await actsOf(request).alerting.resendMessage(DEFAULT_TENANT, { id, nowMs: Date.now() });
    if (known) return json({ ok: true });
    return problem(404, { error: "There is no message with this id that was not sent.", field: "id" });
  });
}

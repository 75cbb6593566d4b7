import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { acknowledgeBody } from "@/lib/contract/read-alerts.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Acknowledges a thread at every receiver: it is not repeated any more. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async () => {
    const { thread, actor } = await bodyOf(request, acknowledgeBody);
    const { alerting } = actsOf(request);
    const known = await alerting.readAlertThreads(DEFAULT_TENANT);
    if (!known.some((one) => one.thread === thread))
      return problem(404, { error: "There is no such thread.", field: "thread" });
    await alerting.acknowledgeThread(DEFAULT_TENANT, { thread, actor: actor || null, nowMs: Date.now() });
    return json({ ok: true });
  });
}

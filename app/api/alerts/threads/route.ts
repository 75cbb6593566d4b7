import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { acknowledgeBody } from "@/lib/contract/read-alerts.ts";

export const dynamic = "force-dynamic";

/** Acknowledges a thread at every receiver: it is not repeated any more. */
export const POST = guarded("operator", async ({ request, visitor, tenant, acts }) => {
  const { thread, actor } = await bodyOf(request, acknowledgeBody);
  const { alerting } = acts;
  const known = await alerting.readAlertThreads(tenant);
  if (!known.some((one) => one.thread === thread))
    return problem(404, { error: "There is no such thread.", field: "thread" });
  await alerting.acknowledgeThread(tenant, { thread, actor: authorOf(visitor, actor), nowMs: Date.now() });
  return json({ ok: true });
});

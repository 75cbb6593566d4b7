import { json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";

export const dynamic = "force-dynamic";

/** Sends a message again that was given up, or at once what waits for its next try. */
export const POST = guarded<{ id: string }>("operator", async ({ tenant, acts, path: { id } }) => {
  const known = await acts.alerting.resendMessage(tenant, { id, nowMs: Date.now() });
  if (known) return json({ ok: true });
  return problem(404, { error: "There is no message with this id that was not sent.", field: "id" });
});

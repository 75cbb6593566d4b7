import { json, NotFoundProblem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";

export const dynamic = "force-dynamic";

/** Revokes a token at once. */
export const DELETE = guarded<{ id: string }>("admin", async ({ visitor, tenant, acts, path: { id } }) => {
  const act = { id, nowMs: Date.now(), by: visitor.actor ?? "the console" };
  if (!(await acts.tokens.revokeToken(tenant, act)))
    throw new NotFoundProblem("There is no such token that is not revoked.");
  return json({ ok: true });
});

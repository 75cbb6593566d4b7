import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { intentsBody } from "@/lib/contract/read-policy.ts";

export const dynamic = "force-dynamic";

/** Replaces what was declared of an endpoint, or of all. */
export const PUT = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const { endpoint, intent, actor } = await bodyOf(request, intentsBody);
  const row = { endpoint, intent, actor: authorOf(visitor, actor), updatedMs: Date.now() };
  await acts.policy.saveIntent(tenant, row);
  return json(row);
});

import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { thresholdBody } from "@/lib/contract/read-policy.ts";
import { thresholdFor } from "@/lib/read/policy-decisions.ts";

export const dynamic = "force-dynamic";

/** Sets a rule's limits, or goes back to the default ones. */
export const PUT = guarded("admin", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, thresholdBody);
  await acts.policy.saveThreshold(tenant, thresholdFor(body, Date.now()));
  return json(body);
});

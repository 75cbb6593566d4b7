import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { findingActionBody } from "@/lib/contract/read-security.ts";
import { viewOf } from "@/lib/read/findings.ts";

export const dynamic = "force-dynamic";

/** Does what a person wants with a finding; answers it as it is then. */
export const POST = guarded<{ id: string }>("operator", async ({ request, tenant, acts, path: { id } }) => {
  const { action, actor } = await bodyOf(request, findingActionBody);
  const act = { id, action, actor, nowMs: Date.now() };
  const finding = await acts.findings.actOnFinding(tenant, act);
  if (!finding) return problem(404, { error: "There is no finding with this id.", field: "id" });
  return json(viewOf(finding));
});

import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { alertRuleBody } from "@/lib/contract/read-alerts.ts";

export const dynamic = "force-dynamic";

/** Makes a rule. */
export const POST = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const { rule, actor } = await bodyOf(request, alertRuleBody);
  const { alerting } = acts;
  const own = (await alerting.readAlertRules(tenant)).map((one) => one.rule);
  if (rulesWith(own).some(({ id }) => id === rule.id))
    return problem(409, { error: `There is a rule ${rule.id} already.`, field: "rule.id" });
  const nowMs = Date.now();
  const about = {
    origin: "console" as const,
    actor: authorOf(visitor, actor),
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  await alerting.saveAlertRule(tenant, { ...about, rule });
  return json(rule, 201);
});

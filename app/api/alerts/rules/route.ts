import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { alertRuleBody } from "@/lib/contract/read-alerts.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Makes a rule. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async () => {
    const { rule, actor } = await bodyOf(request, alertRuleBody);
    const { alerting } = actsOf(request);
    const own = (await alerting.readAlertRules(DEFAULT_TENANT)).map((one) => one.rule);
    if (rulesWith(own).some(({ id }) => id === rule.id))
      return problem(409, { error: `There is a rule ${rule.id} already.`, field: "rule.id" });
    const nowMs = Date.now();
    const about = { origin: "console" as const, actor: actor || null, createdMs: nowMs, updatedMs: nowMs };
    await alerting.saveAlertRule(DEFAULT_TENANT, { ...about, rule });
    return json(rule, 201);
  });
}

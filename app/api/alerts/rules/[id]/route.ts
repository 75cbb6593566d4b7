import { ownedByFile } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { type Ask, guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { alertEnableBody, alertRuleBody } from "@/lib/contract/read-alerts.ts";
import type { AlertRule } from "@/lib/domain/alert-rule.ts";
import type { StoredRule } from "@/lib/store/port-alerting.ts";

export const dynamic = "force-dynamic";

type Asked = Ask<{ id: string }>;
type Known = { readonly rule: AlertRule | null; readonly stored: StoredRule | null };

/** A rule that may be changed here. Throws ConflictProblem for one of the rules file. */
async function ruleOf({ reader, tenant, path: { id } }: Asked): Promise<Known> {
  const own = await reader.alerting.readAlertRules(tenant);
  const stored = own.find(({ rule }) => rule.id === id) ?? null;
  if (stored?.origin === "file") throw ownedByFile(`The rule ${id}`);
  const rules = rulesWith(own.map(({ rule }) => rule));
  return { rule: rules.find((rule) => rule.id === id) ?? null, stored };
}

async function save(
  { visitor, tenant, acts }: Asked,
  { rule, stored, actor }: { rule: AlertRule; stored: StoredRule | null; actor: string | null },
): Promise<Response> {
  const nowMs = Date.now();
  await acts.alerting.saveAlertRule(tenant, {
    ...{ origin: "console", rule, actor: authorOf(visitor, actor) },
    ...{ createdMs: stored?.createdMs ?? nowMs, updatedMs: nowMs },
  });
  return json(rule);
}

const unknown = () => problem(404, { error: "There is no rule with this id.", field: "id" });

/** Changes a rule; of a shipped one, what is kept takes its place. */
export const PUT = guarded<{ id: string }>("admin", async (ask) => {
  const { rule, actor } = await bodyOf(ask.request, alertRuleBody);
  const known = await ruleOf(ask);
  if (!known.rule) return unknown();
  if (rule.id !== ask.path.id)
    return problem(400, { error: "A rule keeps its id; make a new one instead.", field: "rule.id" });
  return save(ask, { rule, stored: known.stored, actor });
});

/** Switches a rule on or off. */
export const PATCH = guarded<{ id: string }>("admin", async (ask) => {
  const { enabled, actor } = await bodyOf(ask.request, alertEnableBody);
  const { rule, stored } = await ruleOf(ask);
  return rule ? save(ask, { rule: { ...rule, enabled }, stored, actor }) : unknown();
});

/** Deletes a rule; a shipped one that was changed is as it was shipped again. */
export const DELETE = guarded<{ id: string }>("admin", async (ask) => {
  const { rule, stored } = await ruleOf(ask);
  if (!rule) return unknown();
  if (!stored) return problem(409, { error: "A shipped rule cannot be deleted: switch it off." });
  await ask.acts.alerting.deleteAlertRule(ask.tenant, ask.path.id);
  return json({ ok: true });
});

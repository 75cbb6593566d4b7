import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite, FileProblem } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { alertEnableBody, alertRuleBody } from "@/lib/contract/read-alerts.ts";
import type { AlertRule } from "@/lib/domain/alert-rule.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";
import type { StoredRule } from "@/lib/store/port-alerting.ts";

export const dynamic = "force-dynamic";

type Context = { readonly params: Promise<{ id: string }> };
type Known = { readonly rule: AlertRule | null; readonly stored: StoredRule | null };

/** A rule that may be changed here. Throws FileProblem for one of the rules file. */
async function ruleOf(id: string): Promise<Known> {
  const own = await stores().reader.alerting.readAlertRules(DEFAULT_TENANT);
  const stored = own.find(({ rule }) => rule.id === id) ?? null;
  if (stored?.origin === "file") throw new FileProblem(`The rule ${id}`);
  const rules = rulesWith(own.map(({ rule }) => rule));
  return { rule: rules.find((rule) => rule.id === id) ?? null, stored };
}

async function save(
  request: Request,
  { rule, stored, actor }: { rule: AlertRule; stored: StoredRule | null; actor: string | null },
): Promise<Response> {
  const nowMs = Date.now();
  await actsOf(request).alerting.saveAlertRule(DEFAULT_TENANT, {
    ...{ origin: "console", rule, actor: actor || null },
    ...{ createdMs: stored?.createdMs ?? nowMs, updatedMs: nowMs },
  });
  return json(rule);
}

const unknown = () => problem(404, { error: "There is no rule with this id.", field: "id" });

/** Changes a rule; of a shipped one, what is kept takes its place. */
export function PUT(request: Request, context: Context): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const { rule, actor } = await bodyOf(request, alertRuleBody);
    const known = await ruleOf(id);
    if (!known.rule) return unknown();
    if (rule.id !== id)
      return problem(400, { error: "A rule keeps its id; make a new one instead.", field: "rule.id" });
    return save(request, { rule, stored: known.stored, actor });
  });
}

/** Switches a rule on or off. */
export function PATCH(request: Request, context: Context): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const { enabled, actor } = await bodyOf(request, alertEnableBody);
    const { rule, stored } = await ruleOf(id);
    return rule ? save(request, { rule: { ...rule, enabled }, stored, actor }) : unknown();
  });
}

/** Deletes a rule; a shipped one that was changed is as it was shipped again. */
export function DELETE(request: Request, context: Context): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const { rule, stored } = await ruleOf(id);
    if (!rule) return unknown();
    if (!stored) return problem(409, { error: "A shipped rule cannot be deleted: switch it off." });
    await actsOf(request).alerting.deleteAlertRule(DEFAULT_TENANT, id);
    return json({ ok: true });
  });
}

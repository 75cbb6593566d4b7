import { alertFileOf, ownedByFile, receiverOpener, sealedReceiver } from "@/app/_server/alerting.ts";
import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { DEFAULT_RULES } from "@/lib/alerting/defaults.ts";
import { importBody } from "@/lib/contract/read-alerts.ts";
import { checkReceivers, settledSettings } from "@/lib/read/alerts/receivers.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";

export const dynamic = "force-dynamic";

/** Takes rules, receivers and routes of a text as the rules file has them. All of it is checked before any is kept; nothing is deleted. */
export const POST = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const { yaml, actor } = await bodyOf(request, importBody);
  const file = alertFileOf(yaml, "line");
  const { alerting } = acts;
  const known = await alerting.readReceivers(tenant);
  const rules = await alerting.readAlertRules(tenant);
  const routing = await alerting.readRouting(tenant);
  const owned =
    file.rules.find(({ id }) => rules.some(({ rule, origin }) => rule.id === id && origin === "file"))?.id ??
    file.receivers.find(({ name }) => known.some((one) => one.name === name && one.origin === "file"))?.name;
  if (owned !== undefined) throw ownedByFile(owned);
  if (file.route && routing?.origin === "file") throw ownedByFile("The routing tree");
  const nowMs = Date.now();
  const receivers = file.receivers.map(({ name, kind, settings }) => {
    // The environment of the console is nobody's to read: names in it stand for something in the rules file only.
    if (JSON.stringify(settings).includes("${"))
      throw new ParameterProblem(
        "yaml",
        `receiver ${name}: \${NAME} is taken from the environment in the rules file only`,
      );
    const before = known.find((one) => one.name === name && one.kind === kind);
    const settled = settledSettings(kind, settings, before ? receiverOpener(tenant)(before) : null);
    return sealedReceiver(tenant, { name, kind, actor: authorOf(visitor, actor), updatedMs: nowMs }, settled);
  });
  if (file.route)
    checkReceivers(
      file.route,
      [...known, ...receivers].map(({ name }) => name),
    );
  const about = { origin: "console" as const, actor: authorOf(visitor, actor), updatedMs: nowMs };
  for (const receiver of receivers) await alerting.saveReceiver(tenant, receiver);
  const news = file.rules.filter((rule) => !isShipped(rule));
  for (const { id } of file.rules.filter(isShipped)) await alerting.deleteAlertRule(tenant, id);
  for (const rule of news) await alerting.saveAlertRule(tenant, { ...about, rule, createdMs: nowMs });
  if (file.route) await alerting.saveRouting(tenant, { ...about, tree: file.route });
  return json({ rules: news.length, receivers: receivers.length, route: file.route !== undefined });
});

/** As it came: keeping it would make it a changed one. */
function isShipped(rule: (typeof DEFAULT_RULES)[number]): boolean {
  return DEFAULT_RULES.some((shipped) => JSON.stringify(shipped) === JSON.stringify(rule));
}

import { alertFileOf, ownedByFile } from "@/app/_server/alerting.ts";
import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { routingBody } from "@/lib/contract/read-alerts.ts";
import { EMPTY_ROUTE } from "@/lib/read/alerts/page.ts";
import { checkReceivers } from "@/lib/read/alerts/receivers.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";

export const dynamic = "force-dynamic";

/** Replaces the routing tree, given as such or as YAML. */
export const PUT = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const body = await bodyOf(request, routingBody);
  const { alerting } = acts;
  if ((await alerting.readRouting(tenant))?.origin === "file") throw ownedByFile("The routing tree");
  const tree = "tree" in body ? body.tree : routeOf(body.yaml);
  checkReceivers(
    tree,
    (await alerting.readReceivers(tenant)).map(({ name }) => name),
  );
  const about = { origin: "console" as const, actor: authorOf(visitor, body.actor), updatedMs: Date.now() };
  await alerting.saveRouting(tenant, { ...about, tree });
  return json({ tree });
});

function routeOf(yaml: string) {
  const { route, rules, receivers } = alertFileOf(yaml, "routes");
  if (rules.length > 0 || receivers.length > 0)
    throw new ParameterProblem("yaml", "only route stands here; rules and receivers are imported");
  return route ?? EMPTY_ROUTE;
}

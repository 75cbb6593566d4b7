import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite, FileProblem } from "@/app/_server/alerting.ts";
import { bodyOf, json } from "@/app/_server/answer.ts";
import { routingBody } from "@/lib/contract/read-alerts.ts";
import { EMPTY_ROUTE } from "@/lib/read/alerts/page.ts";
import { checkReceivers } from "@/lib/read/alerts/receivers.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { parseAlertFile } from "@/lib/runtime/alert-yaml.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Replaces the routing tree, given as such or as YAML. */
export function PUT(request: Request): Promise<Response> {
  return answerWrite(request, async () => {
    const body = await bodyOf(request, routingBody);
    const { alerting } = actsOf(request);
    if ((await alerting.readRouting(DEFAULT_TENANT))?.origin === "file")
      throw new FileProblem("The routing tree");
    const tree = "tree" in body ? body.tree : routeOf(body.yaml);
    checkReceivers(
      tree,
      (await alerting.readReceivers(DEFAULT_TENANT)).map(({ name }) => name),
    );
    const about = { origin: "console" as const, actor: body.actor || null, updatedMs: Date.now() };
    await alerting.saveRouting(DEFAULT_TENANT, { ...about, tree });
    return json({ tree });
  });
}

function routeOf(yaml: string) {
  const { route, rules, receivers } = parseAlertFile(yaml, "routes");
  if (rules.length > 0 || receivers.length > 0)
    throw new ParameterProblem("yaml", "only route stands here; rules and receivers are imported");
  return route ?? EMPTY_ROUTE;
}

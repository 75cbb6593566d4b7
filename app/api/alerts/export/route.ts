import { HEADERS } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { printAlertFile } from "@/lib/runtime/alert-yaml.ts";

export const dynamic = "force-dynamic";

/** Every rule and the routing tree as a rules file. Receivers are left out: their settings are secret. */
export const GET = guarded("viewer", async ({ tenant, reader }) => {
  const { alerting } = reader;
  const own = (await alerting.readAlertRules(tenant)).map(({ rule }) => rule);
  const routing = await alerting.readRouting(tenant);
  const headers = {
    ...HEADERS,
    "content-type": "application/yaml; charset=utf-8",
    "content-disposition": 'attachment; filename="reprise-alerts.yaml"',
  };
  return new Response(printAlertFile({ rules: rulesWith(own), route: routing?.tree }), { headers });
});

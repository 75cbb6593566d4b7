import { answer, HEADERS } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { rulesWith } from "@/lib/alerting/defaults.ts";
import { printAlertFile } from "@/lib/runtime/alert-yaml.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Every rule and the routing tree as a rules file. Receivers are left out: their settings are secret. */
export function GET(): Promise<Response> {
  return answer(async () => {
    const { alerting } = stores().reader;
    const own = (await alerting.readAlertRules(DEFAULT_TENANT)).map(({ rule }) => rule);
    const routing = await alerting.readRouting(DEFAULT_TENANT);
    const headers = {
      ...HEADERS,
      "content-type": "application/yaml; charset=utf-8",
      "content-disposition": 'attachment; filename="reprise-alerts.yaml"',
    };
    return new Response(printAlertFile({ rules: rulesWith(own), route: routing?.tree }), { headers });
  });
}

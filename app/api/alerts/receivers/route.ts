import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite, sealedReceiver } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { receiverCreateBody } from "@/lib/contract/read-alerts.ts";
import { settledSettings } from "@/lib/read/alerts/receivers.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Adds a receiver. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async () => {
    const { name, kind, settings, actor } = await bodyOf(request, receiverCreateBody);
    const { alerting } = actsOf(request);
    if ((await alerting.readReceivers(DEFAULT_TENANT)).some((one) => one.name === name))
      return problem(409, { error: `There is a receiver ${name} already.`, field: "name" });
    const settled = settledSettings(kind, settings, null);
    const about = { name, kind, actor: actor || null, updatedMs: Date.now() };
    await alerting.saveReceiver(DEFAULT_TENANT, sealedReceiver(about, settled));
    return json({ ok: true }, 201);
  });
}

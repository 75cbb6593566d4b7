import { sealedReceiver } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { receiverCreateBody } from "@/lib/contract/read-alerts.ts";
import { settledSettings } from "@/lib/read/alerts/receivers.ts";

export const dynamic = "force-dynamic";

/** Adds a receiver. */
export const POST = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const { name, kind, settings, actor } = await bodyOf(request, receiverCreateBody);
  const { alerting } = acts;
  if ((await alerting.readReceivers(tenant)).some((one) => one.name === name))
    return problem(409, { error: `There is a receiver ${name} already.`, field: "name" });
  const settled = settledSettings(kind, settings, null);
  const about = { name, kind, actor: authorOf(visitor, actor), updatedMs: Date.now() };
  await alerting.saveReceiver(tenant, sealedReceiver(tenant, about, settled));
  return json({ ok: true }, 201);
});

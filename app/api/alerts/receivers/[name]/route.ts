import { ownedByFile, receiverOpener, sealedReceiver } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { receiverBody } from "@/lib/contract/read-alerts.ts";
import { receiversOf, settledSettings } from "@/lib/read/alerts/receivers.ts";
import type { ReadStore, TenantId } from "@/lib/store/port.ts";
import type { StoredReceiver } from "@/lib/store/port-alerting.ts";

export const dynamic = "force-dynamic";

/** A receiver that may be changed here. Throws ConflictProblem for one of the rules file. */
async function receiverOf(reader: ReadStore, tenant: TenantId, name: string): Promise<StoredReceiver | null> {
  const known = (await reader.alerting.readReceivers(tenant)).find((one) => one.name === name);
  if (known?.origin === "file") throw ownedByFile(`The receiver ${name}`);
  return known ?? null;
}

const unknown = () => problem(404, { error: "There is no receiver with this name.", field: "name" });

/** Changes a receiver; secrets that are left out stay as they are. */
export const PUT = guarded<{ name: string }>(
  "admin",
  async ({ request, visitor, tenant, reader, acts, path: { name } }) => {
    const { kind, settings, actor } = await bodyOf(request, receiverBody);
    const known = await receiverOf(reader, tenant, name);
    if (!known) return unknown();
    const before = known.kind === kind ? receiverOpener(tenant)(known) : null;
    const settled = settledSettings(kind, settings, before);
    const about = { name, kind, actor: authorOf(visitor, actor), updatedMs: Date.now() };
    await acts.alerting.saveReceiver(tenant, sealedReceiver(tenant, about, settled));
    return json({ ok: true });
  },
);

/** Deletes a receiver that no route names. */
export const DELETE = guarded<{ name: string }>("admin", async ({ tenant, reader, acts, path: { name } }) => {
  if (!(await receiverOf(reader, tenant, name))) return unknown();
  const { alerting } = acts;
  const routing = await alerting.readRouting(tenant);
  if (routing && receiversOf(routing.tree).has(name))
    return problem(409, { error: `Routes send to ${name}: take it out of them first.` });
  await alerting.deleteReceiver(tenant, name);
  return json({ ok: true });
});

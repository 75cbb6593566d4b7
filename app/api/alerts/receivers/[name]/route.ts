import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite, FileProblem, openReceiver, sealedReceiver } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { receiverBody } from "@/lib/contract/read-alerts.ts";
import { receiversOf, settledSettings } from "@/lib/read/alerts/receivers.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";
import type { StoredReceiver } from "@/lib/store/port-alerting.ts";

export const dynamic = "force-dynamic";

type Context = { readonly params: Promise<{ name: string }> };

/** A receiver that may be changed here. Throws FileProblem for one of the rules file. */
async function receiverOf(name: string): Promise<StoredReceiver | null> {
  const known = (await stores().reader.alerting.readReceivers(DEFAULT_TENANT)).find(
    (one) => one.name === name,
  );
  if (known?.origin === "file") throw new FileProblem(`The receiver ${name}`);
  return known ?? null;
}

const unknown = () => problem(404, { error: "There is no receiver with this name.", field: "name" });

/** Changes a receiver; secrets that are left out stay as they are. */
export function PUT(request: Request, context: Context): Promise<Response> {
  return answerWrite(request, async () => {
    const { name } = await context.params;
    const { kind, settings, actor } = await bodyOf(request, receiverBody);
    const known = await receiverOf(name);
    if (!known) return unknown();
    const before = known.kind === kind ? openReceiver(known) : null;
    const settled = settledSettings(kind, settings, before);
    const about = { name, kind, actor: actor || null, updatedMs: Date.now() };
    await actsOf(request).alerting.saveReceiver(DEFAULT_TENANT, sealedReceiver(about, settled));
    return json({ ok: true });
  });
}

/** Deletes a receiver that no route names. */
export function DELETE(request: Request, context: Context): Promise<Response> {
  return answerWrite(request, async () => {
    const { name } = await context.params;
    if (!(await receiverOf(name))) return unknown();
    const { alerting } = actsOf(request);
    const routing = await alerting.readRouting(DEFAULT_TENANT);
    if (routing && receiversOf(routing.tree).has(name))
      return problem(409, { error: `Routes send to ${name}: take it out of them first.` });
    await alerting.deleteReceiver(DEFAULT_TENANT, name);
    return json({ ok: true });
  });
}

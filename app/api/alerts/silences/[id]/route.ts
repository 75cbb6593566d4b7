import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { json, problem } from "@/app/_server/answer.ts";
import { silenceView } from "@/lib/read/alerts/page.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Ends a silence now; it stays on record. */
export function DELETE(request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answerWrite(request, async () => {
    const { id } = await context.params;
    const { alerting } = actsOf(request);
    const known = (await alerting.readSilences(DEFAULT_TENANT)).find((silence) => silence.id === id);
    if (!known) return problem(404, { error: "There is no silence with this id.", field: "id" });
    const nowMs = Date.now();
    const ended = { ...known, endedMs: known.endedMs ?? nowMs };
    await alerting.saveSilence(DEFAULT_TENANT, ended);
    return json(silenceView(ended, { alerts: [], nowMs }));
  });
}

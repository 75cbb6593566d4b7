import { json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { silenceView } from "@/lib/read/alerts/page.ts";

export const dynamic = "force-dynamic";

/** Ends a silence now; it stays on record. */
export const DELETE = guarded<{ id: string }>("operator", async ({ tenant, acts, path: { id } }) => {
  const { alerting } = acts;
  const known = (await alerting.readSilences(tenant)).find((silence) => silence.id === id);
  if (!known) return problem(404, { error: "There is no silence with this id.", field: "id" });
  const nowMs = Date.now();
  const ended = { ...known, endedMs: known.endedMs ?? nowMs };
  await alerting.saveSilence(tenant, ended);
  return json(silenceView(ended, { alerts: [], nowMs }));
});

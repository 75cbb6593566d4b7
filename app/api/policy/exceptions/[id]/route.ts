import { json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { viewOf } from "@/lib/read/policy.ts";

export const dynamic = "force-dynamic";

/** Ends an exception now; it stays on record. */
export const DELETE = guarded<{ id: string }>("admin", async ({ tenant, acts, path: { id } }) => {
  const { policy } = acts;
  const known = (await policy.readExceptions(tenant)).find((exception) => exception.id === id);
  if (!known) return problem(404, { error: "There is no exception with this id.", field: "id" });
  const nowMs = Date.now();
  const ended = { ...known, endedMs: known.endedMs ?? nowMs };
  await policy.saveException(tenant, ended);
  return json(viewOf(ended, nowMs));
});

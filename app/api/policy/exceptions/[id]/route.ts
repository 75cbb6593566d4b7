import { actsOf } from "@/app/_server/acts.ts";
import { answer, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { viewOf } from "@/lib/read/policy.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Ends an exception now; it stays on record. */
export function DELETE(request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Exceptions are ended from the console itself only." });
    const { id } = await context.params;
    const { policy } = actsOf(request);
    const known = (await policy.readExceptions(DEFAULT_TENANT)).find((exception) => exception.id === id);
    if (!known) return problem(404, { error: "There is no exception with this id.", field: "id" });
    const nowMs = Date.now();
    const ended = { ...known, endedMs: known.endedMs ?? nowMs };
    await policy.saveException(DEFAULT_TENANT, ended);
    return json(viewOf(ended, nowMs));
  });
}

import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { findingActionBody } from "@/lib/contract/read-security.ts";
import { viewOf } from "@/lib/read/findings.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

type Context = { readonly params: Promise<{ id: string }> };

/** Does what a person wants with a finding; answers it as it is then. */
export function POST(request: Request, context: Context): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Findings are handled from the console itself only." });
    const { id } = await context.params;
    const { action, actor } = await bodyOf(request, findingActionBody);
    const act = { id, action, actor, nowMs: Date.now() };
    const finding = await actsOf(request).findings.actOnFinding(DEFAULT_TENANT, act);
    if (!finding) return problem(404, { error: "There is no finding with this id.", field: "id" });
    return json(viewOf(finding));
  });
}

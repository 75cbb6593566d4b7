import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { intentsBody } from "@/lib/contract/read-policy.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Replaces what was declared of an endpoint, or of all. */
export function PUT(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Declarations are made from the console itself only." });
    const { endpoint, intent, actor } = await bodyOf(request, intentsBody);
    const row = { endpoint, intent, actor: actor || null, updatedMs: Date.now() };
    await actsOf(request).policy.saveIntent(DEFAULT_TENANT, row);
    return json(row);
  });
}

import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { thresholdBody } from "@/lib/contract/read-policy.ts";
import { thresholdFor } from "@/lib/read/policy-decisions.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Sets a rule's limits, or goes back to the default ones. */
export function PUT(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Thresholds are set from the console itself only." });
    const body = await bodyOf(request, thresholdBody);
    await actsOf(request).policy.saveThreshold(DEFAULT_TENANT, thresholdFor(body, Date.now()));
    return json(body);
  });
}

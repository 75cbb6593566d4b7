import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { exceptionBody } from "@/lib/contract/read-policy.ts";
import { viewOf } from "@/lib/read/policy.ts";
import { exceptionFor } from "@/lib/read/policy-decisions.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Lets a rule fail at an endpoint, or everywhere, until a day. */
export function POST(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Exceptions are made from the console itself only." });
    const body = await bodyOf(request, exceptionBody);
    const { policy } = actsOf(request);
    const nowMs = Date.now();
    const known = await policy.readExceptions(DEFAULT_TENANT);
    const exception = exceptionFor(body, { id: randomUUID(), nowMs, known });
    await policy.saveException(DEFAULT_TENANT, exception);
    return json(viewOf(exception, nowMs), 201);
  });
}

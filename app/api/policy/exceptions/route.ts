import { randomUUID } from "node:crypto";
import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { exceptionBody } from "@/lib/contract/read-policy.ts";
import { viewOf } from "@/lib/read/policy.ts";
import { exceptionFor } from "@/lib/read/policy-decisions.ts";

export const dynamic = "force-dynamic";

/** Lets a rule fail at an endpoint, or everywhere, until a day. */
export const POST = guarded("admin", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, exceptionBody);
  const { policy } = acts;
  const nowMs = Date.now();
  const known = await policy.readExceptions(tenant);
  const exception = exceptionFor(body, { id: randomUUID(), nowMs, known });
  await policy.saveException(tenant, exception);
  return json(viewOf(exception, nowMs), 201);
});

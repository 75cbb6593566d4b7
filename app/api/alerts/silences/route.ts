import { randomUUID } from "node:crypto";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { authorOf } from "@/app/_server/visitor.ts";
import { silenceBody } from "@/lib/contract/read-alerts.ts";
import { silenceView } from "@/lib/read/alerts/page.ts";

export const dynamic = "force-dynamic";

/** Longest that a silence lasts: what is quiet for good is a rule to be changed. */
const LONGEST_MS = 366 * 86_400_000;

/** Keeps alerts quiet for a while, with a reason. */
export const POST = guarded("operator", async ({ request, visitor, tenant, acts }) => {
  const body = await bodyOf(request, silenceBody);
  const nowMs = Date.now();
  const { startsMs = nowMs, endsMs, matchers, author, reason } = body;
  if (endsMs <= Math.max(startsMs, nowMs))
    return problem(400, { error: "it has to end after it begins, and not in the past", field: "endsMs" });
  if (endsMs - nowMs > LONGEST_MS)
    return problem(400, { error: "it may last a year at most", field: "endsMs" });
  const silence = {
    ...{ id: randomUUID(), matchers, startsMs, endsMs, author: authorOf(visitor, author), reason },
    ...{ createdMs: nowMs, endedMs: null },
  };
  await acts.alerting.saveSilence(tenant, silence);
  return json(silenceView(silence, { alerts: [], nowMs }), 201);
});

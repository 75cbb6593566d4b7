import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { silenceBody } from "@/lib/contract/read-alerts.ts";
import { silenceView } from "@/lib/read/alerts/page.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Longest that a silence lasts: what is quiet for good is a rule to be changed. */
const LONGEST_MS = 366 * 86_400_000;

/** Keeps alerts quiet for a while, with a reason. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async () => {
    const body = await bodyOf(request, silenceBody);
    const nowMs = Date.now();
    const { startsMs = nowMs, endsMs, matchers, author, reason } = body;
    if (endsMs <= Math.max(startsMs, nowMs))
      return problem(400, { error: "it has to end after it begins, and not in the past", field: "endsMs" });
    if (endsMs - nowMs > LONGEST_MS)
      return problem(400, { error: "it may last a year at most", field: "endsMs" });
    const silence = {
      ...{ id: randomUUID(), matchers, startsMs, endsMs, author: author || null, reason },
      ...{ createdMs: nowMs, endedMs: null },
    };
    await actsOf(request).alerting.saveSilence(DEFAULT_TENANT, silence);
    return json(silenceView(silence, { alerts: [], nowMs }), 201);
  });
}

import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answerWrite } from "@/app/_server/alerting.ts";
import { json, problem } from "@/app/_server/answer.ts";
import type { AlertMessage } from "@/lib/alerting/message.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Sends a test message the way that alerts go; what becomes of it stands in the delivery log. */
export function POST(request: Request, context: { params: Promise<{ name: string }> }): Promise<Response> {
  return answerWrite(request, async () => {
    const { name } = await context.params;
    const { alerting } = actsOf(request);
    if (!(await alerting.readReceivers(DEFAULT_TENANT)).some((one) => one.name === name))
      return problem(404, { error: "There is no receiver with this name.", field: "name" });
    const nowMs = Date.now();
    const id = randomUUID();
    const thread = `test:${id}`;
    const message: AlertMessage = {
      ...{ id, thread, reason: "test", severity: "info", title: "Test of Reprise: this receiver is reached" },
      ...{ atMs: nowMs, alerts: [], diagnosis: null, url: null, course: null },
    };
    await alerting.putMessage(DEFAULT_TENANT, {
      ...{ id, receiver: name, thread, reason: "test", message, createdMs: nowMs, dueMs: nowMs },
      ...{ attempts: 0, state: "waiting", lastError: null, sentMs: null },
    });
    return json({ id }, 201);
  });
}

import { randomUUID } from "node:crypto";
import { json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import type { AlertMessage } from "@/lib/alerting/message.ts";

export const dynamic = "force-dynamic";

/** Sends a test message the way that alerts go; what becomes of it stands in the delivery log. */
export const POST = guarded<{ name: string }>("admin", async ({ tenant, acts, path: { name } }) => {
  const { alerting } = acts;
  if (!(await alerting.readReceivers(tenant)).some((one) => one.name === name))
    return problem(404, { error: "There is no receiver with this name.", field: "name" });
  const nowMs = Date.now();
  const id = randomUUID();
  const thread = `test:${id}`;
  const message: AlertMessage = {
    ...{ id, thread, reason: "test", severity: "info", title: "Test of Reprise: this receiver is reached" },
    ...{ atMs: nowMs, alerts: [], diagnosis: null, url: null, course: null },
  };
  await alerting.putMessage(tenant, {
    ...{ id, receiver: name, thread, reason: "test", message, createdMs: nowMs, dueMs: nowMs },
    ...{ attempts: 0, state: "waiting", lastError: null, sentMs: null },
  });
  return json({ id }, 201);
});

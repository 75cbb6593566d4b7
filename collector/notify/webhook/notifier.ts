import { createHmac } from "node:crypto";
import type { z } from "zod";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { alertmanagerPayload } from "../alertmanager/payload.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";

/**
 * Any address that takes JSON. With a secret, `Reprise-Signature: t=<unix seconds>,v1=<hex>` holds HMAC-SHA-256 of `t.body`: receivers
 * compare it and refuse old times. `Idempotency-Key` is the same for every try of a message.
 */
export const webhookNotifier: Notifier<z.infer<typeof NOTIFIER_KINDS.webhook.settings>> = {
  ...NOTIFIER_KINDS.webhook,
  send: async (message, { settings: { url, secret, format, authorization }, http, timeoutMs, nowMs }) => {
    const body = JSON.stringify(
      format === "alertmanager" ? alertmanagerPayload(message) : repriseBody(message),
    );
    const seconds = Math.floor(nowMs / 1_000);
    const answer = await http.request({
      ...{ method: "POST", url, body, timeoutMs },
      headers: {
        "content-type": "application/json",
        "idempotency-key": message.id,
        ...(secret ? { "reprise-signature": `t=${seconds},v1=${signatureOf(secret, seconds, body)}` } : {}),
        ...(authorization ? { authorization } : {}),
      },
    });
    return resultOf(answer);
  },
};

/** Hex HMAC-SHA-256 of `seconds.body`. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
}

function repriseBody(message: AlertMessage): object {
  return { version: 1, status: message.reason === "resolved" ? "resolved" : "firing", ...message };
}

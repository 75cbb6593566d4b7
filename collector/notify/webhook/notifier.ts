import { createHmac } from "node:crypto";
import { z } from "zod";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { alertmanagerPayload } from "../alertmanager/payload.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";

const settings = z.strictObject({
  url: z.url().max(2_048),
  /** Signs each body; without it nothing is signed. */
  secret: z.string().max(512).default(""),
  format: z.enum(["reprise", "alertmanager"]).default("reprise"),
  /** Sent as Authorization, as it stands. */
  authorization: z.string().max(4_096).default(""),
});

/**
 * Any address that takes JSON. With a secret, `Reprise-Signature: t=<unix seconds>,v1=<hex>` holds HMAC-SHA-256 of `t.body`: receivers
 * compare it and refuse old times. `Idempotency-Key` is the same for every try of a message.
 */
export const webhookNotifier: Notifier<z.infer<typeof settings>> = {
  kind: "webhook",
  title: "Webhook",
  about: "A POST of JSON, signed, in Reprise's form or as Prometheus Alertmanager's webhooks have it.",
  settings,
  secrets: ["secret", "authorization"],
  fields: [
    { name: "url", label: "Address", hint: "https://…", required: true, kind: "url" },
    {
      name: "secret",
      label: "Signing secret",
      hint: "signs each body with HMAC-SHA-256",
      required: false,
      kind: "secret",
    },
    { name: "format", label: "Form", hint: "reprise or alertmanager", required: false, kind: "text" },
    { name: "authorization", label: "Authorization", hint: "Bearer …", required: false, kind: "secret" },
  ],
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

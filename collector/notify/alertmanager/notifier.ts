import type { z } from "zod";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";
import { alertmanagerAnnotations, alertmanagerLabels } from "./payload.ts";

/**
 * Alertmanager takes an alert for over that is not told again by its end. Its real end is always told; what is acknowledged is not
 * told again, so this is longer than anything that people leave acknowledged.
 */
const LASTS_MS = 7 * 86_400_000;

/** Prometheus Alertmanager, API v2: every alert with its labels, so that its own routes and silences hold. */
export const alertmanagerNotifier: Notifier<z.infer<typeof NOTIFIER_KINDS.alertmanager.settings>> = {
  ...NOTIFIER_KINDS.alertmanager,
  send: async (message, { settings: { url, authorization }, http, timeoutMs, nowMs }) => {
    const alerts = message.alerts.map((alert) => ({
      labels: alertmanagerLabels(alert),
      annotations: alertmanagerAnnotations(message, alert),
      startsAt: new Date(alert.firedMs).toISOString(),
      endsAt: new Date(alert.firing ? nowMs + LASTS_MS : (alert.resolvedMs ?? nowMs)).toISOString(),
      ...(message.url ? { generatorURL: message.url } : {}),
    }));
    const answer = await http.request({
      ...{ method: "POST", url: `${url.replace(/\/+$/, "")}/api/v2/alerts`, timeoutMs },
      body: JSON.stringify(alerts),
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
    });
    return resultOf(answer);
  },
};

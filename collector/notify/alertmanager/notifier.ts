import { z } from "zod";
import { resultOf } from "../answer.ts";
import type { Notifier } from "../notifier.ts";
import { alertmanagerAnnotations, alertmanagerLabels } from "./payload.ts";

/** Alertmanager takes an alert for over that is not told again by its end. Threads are told again well within this. */
const LASTS_MS = 12 * 3_600_000;

const settings = z.strictObject({
  /** Without /api/v2/alerts. */
  url: z.url().max(2_048),
  authorization: z.string().max(4_096).default(""),
});

/** Prometheus Alertmanager, API v2: every alert with its labels, so that its own routes and silences hold. */
export const alertmanagerNotifier: Notifier<z.infer<typeof settings>> = {
  kind: "alertmanager",
  title: "Prometheus Alertmanager",
  about: "Alerts of its API v2: its own routes, silences and inhibitions go on from there.",
  settings,
  secrets: ["authorization"],
  fields: [
    { name: "url", label: "Address", hint: "http://alertmanager:9093", required: true, kind: "url" },
    { name: "authorization", label: "Authorization", hint: "Bearer …", required: false, kind: "secret" },
  ],
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

/** Routes of alerting in the OpenAPI document. */
import { z } from "zod";
import { alertRoute } from "../domain/alert-routing.ts";
import { alertRule } from "../domain/alert-rule.ts";
import { content, type Route, written } from "./openapi-parts.ts";
import { errorReply } from "./read.ts";
import * as alerts from "./read-alerts.ts";

export const ALERT_READ_ROUTES: readonly Route[] = [
  {
    path: "/api/alerts",
    summary: "Rules with their alerts now, events, silences, receivers without secrets, and routes",
    params: null,
    reply: alerts.alertsReply,
  },
  {
    path: "/api/alerts/messages",
    summary: "The delivery log: messages and every try of each",
    params: alerts.messagesParams,
    reply: alerts.messagesReply,
  },
  {
    path: "/api/alerts/export",
    summary: "Rules and routes as a rules file",
    params: null,
    reply: z.string(),
    mediaType: "application/yaml",
  },
];

const inPath = (name: string) => ({ name, in: "path", required: true, schema: { type: "string" } });
const conflict = {
  409: { description: "it comes from the rules file, or is in use", content: content(errorReply) },
  404: { description: "there is no such thing", content: content(errorReply) },
};
const on = (
  name: string | null,
  summary: string,
  parts: { readonly body?: z.ZodType; readonly done: readonly [status: number, reply: z.ZodType] },
) => {
  const { requestBody, responses, ...rest } = written(summary, parts.body ?? z.object({}), parts.done);
  return {
    ...rest,
    ...(parts.body ? { requestBody } : {}),
    ...(name === null ? {} : { parameters: [inPath(name)] }),
    responses: { ...responses, ...conflict },
  };
};
const done: readonly [number, z.ZodType] = [200, alerts.doneReply];

/** What people do with alerting. */
export const ALERT_ROUTES: Readonly<Record<string, object>> = {
  "/api/alerts/rules": {
    post: on(null, "Make a rule", { body: alerts.alertRuleBody, done: [201, alertRule] }),
  },
  "/api/alerts/rules/{id}": {
    put: on("id", "Change a rule", { body: alerts.alertRuleBody, done: [200, alertRule] }),
    patch: on("id", "Switch a rule on or off", { body: alerts.alertEnableBody, done: [200, alertRule] }),
    delete: on("id", "Delete a rule, or take back what was changed of a shipped one", { done }),
  },
  "/api/alerts/preview": {
    post: on(null, "What a rule would have done over up to 30 days", {
      ...{ body: alerts.previewBody, done: [200, alerts.previewReply] as const },
    }),
  },
  "/api/alerts/silences": {
    post: on(null, "Keep alerts quiet", { body: alerts.silenceBody, done: [201, alerts.silenceView] }),
  },
  "/api/alerts/silences/{id}": {
    delete: on("id", "End a silence; it stays on record", { done: [200, alerts.silenceView] }),
  },
  "/api/alerts/receivers": {
    post: on(null, "Add a receiver", { body: alerts.receiverCreateBody, done: [201, alerts.doneReply] }),
  },
  "/api/alerts/receivers/{name}": {
    put: on("name", "Change a receiver; secrets that are left out stay", { body: alerts.receiverBody, done }),
    delete: on("name", "Delete a receiver", { done }),
  },
  "/api/alerts/receivers/{name}/test": {
    post: on("name", "Send a test message", { done: [201, alerts.testReply] }),
  },
  "/api/alerts/routing": {
    put: on(null, "Replace the routing tree", {
      ...{ body: alerts.routingBody, done: [200, z.object({ tree: alertRoute })] as const },
    }),
  },
  "/api/alerts/messages/{id}": {
    post: on("id", "Send a message again that was not sent", { done }),
  },
  "/api/alerts/threads": {
    post: on(null, "Acknowledge a thread", { body: alerts.acknowledgeBody, done }),
  },
  "/api/alerts/import": {
    post: on(null, "Take rules, receivers and routes of a rules file", {
      ...{ body: alerts.importBody, done: [200, alerts.importReply] as const },
    }),
  },
};

import { z } from "zod";
import { wireChange } from "./ingest.ts";
import { ALERT_READ_ROUTES, ALERT_ROUTES } from "./openapi-alerts.ts";
import { content, type Route, written } from "./openapi-parts.ts";
import { PEOPLE_READ_ROUTES, PEOPLE_ROUTES } from "./openapi-people.ts";
import * as probe from "./probe.ts";
import * as read from "./read.ts";
import { auditParams, auditReply } from "./read-audit.ts";
import { alignedParams, alignedReply, changeEffectReply } from "./read-effect.ts";
import * as incidents from "./read-incidents.ts";
import * as keys from "./read-keys.ts";
import { labParams, labReply, recoveryParams, recoveryReply } from "./read-lab.ts";
import * as policy from "./read-policy.ts";
import * as security from "./read-security.ts";
import * as sources from "./read-sources.ts";

/** Every route of the read API that is asked once. */
export const READ_ROUTES: readonly Route[] = [
  {
    path: "/api/summary",
    summary: "Tiles, status sentence and ranked endpoints of a window",
    params: read.summaryParams,
    reply: read.summaryReply,
  },
  {
    path: "/api/series",
    summary: "A metric over time, split by any dimensions",
    params: read.seriesParams,
    reply: read.seriesReply,
  },
  {
    path: "/api/heatmap",
    summary: "Counts by time and value range",
    params: read.heatmapParams,
    reply: read.heatmapReply,
  },
  {
    path: "/api/segments",
    summary: "Segments seen in a window",
    params: read.segmentsParams,
    reply: read.segmentsReply,
  },
  {
    path: "/api/changes",
    summary: "Changes of a window",
    params: read.changesParams,
    reply: read.changesReply,
  },
  {
    path: "/api/changes/{id}/effect",
    summary: "Measured effect of a change, by scope",
    params: null,
    reply: changeEffectReply,
    pathParams: ["id"],
  },
  {
    path: "/api/changes/{id}/aligned",
    summary: "The resume rate around each of the last changes of the same kind and scope",
    params: alignedParams,
    reply: alignedReply,
    pathParams: ["id"],
  },
  {
    path: "/api/incidents",
    summary: "Incidents that went on within a window",
    params: incidents.incidentsParams,
    reply: incidents.incidentsReply,
  },
  {
    path: "/api/incidents/{id}",
    summary: "One incident: what, where, why, until when, and what to do",
    params: null,
    reply: incidents.incidentReply,
    pathParams: ["id"],
  },
  {
    path: "/api/incidents/{id}/markdown",
    summary: "The same as a document",
    params: null,
    reply: z.string(),
    pathParams: ["id"],
    mediaType: "text/markdown",
  },
  {
    path: "/api/audit",
    summary: "What people changed: who, from where, what it was and what it is then; JSON or CSV",
    params: auditParams,
    reply: auditReply,
  },
  {
    path: "/api/policy-lab",
    summary: "Ticket ages and the policy at work, from which the policy lab predicts",
    params: labParams,
    reply: labReply,
  },
  {
    path: "/api/policy-lab/recovery",
    summary:
      "How the resume rate comes back after every ticket died at a moment: predicted, and measured since",
    params: recoveryParams,
    reply: recoveryReply,
  },
  {
    path: "/api/policy",
    summary: "Hygiene rules by endpoint: verdicts, evidence, exceptions, declarations; JSON or CSV",
    params: policy.policyParams,
    reply: policy.policyReply,
  },
  {
    path: "/api/keys",
    summary: "Ticket keys by node: states, rotations, coverage, exposure, revocations, agreement",
    params: keys.keysParams,
    reply: keys.keysReply,
  },
  {
    path: "/api/keys/{key}",
    summary: "Uses of one key over time",
    params: keys.keyUsesParams,
    reply: keys.keyUsesReply,
    pathParams: ["key"],
  },
  {
    path: "/api/probes",
    summary: "The prober's targets, what it found at each node, and how nodes agree",
    params: null,
    reply: probe.probesReply,
  },
  {
    path: "/api/findings",
    summary: "Findings that were last seen in a window",
    params: security.findingsParams,
    reply: security.findingsReply,
  },
  {
    path: "/api/security",
    summary: "Failures by offer, refused offers and early data by reason, and TLS alerts, over time",
    params: security.securityParams,
    reply: security.securityReply,
  },
  {
    path: "/api/sources",
    summary: "Who sends, how fresh, what was refused",
    params: null,
    reply: sources.sourcesReply,
  },
  ...ALERT_READ_ROUTES,
  ...PEOPLE_READ_ROUTES,
];

/** The OpenAPI 3.1 document of the read API, made from the contracts. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, object> = Object.fromEntries(
    READ_ROUTES.map((route) => [route.path, { get: operation(route) }]),
  );
  for (const [path, post] of Object.entries(WRITE_ROUTES)) paths[path] = { ...paths[path], post };
  const acts = { ...POLICY_ROUTES, ...PROBE_ROUTES, ...ALERT_ROUTES, ...PEOPLE_ROUTES };
  for (const [path, methods] of Object.entries(acts)) paths[path] = { ...paths[path], ...methods };
  const events = {
    get: {
      summary: "Server-sent events: `commit` whenever the store has something new",
      responses: {
        200: { description: "a stream", content: { "text/event-stream": { schema: { type: "string" } } } },
      },
    },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Reprise read API", version: "1" },
    paths: { ...paths, "/api/events": events },
  };
}

function operation(route: Route): Record<string, unknown> {
  const schema = route.params
    ? (z.toJSONSchema(route.params, { io: "input" }) as {
        properties?: Record<string, unknown>;
        required?: string[];
      })
    : {};
  const query = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: "query",
    required: schema.required?.includes(name) ?? false,
    schema: property,
  }));
  const path = (route.pathParams ?? []).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    summary: route.summary,
    parameters: [...path, ...query],
    responses: {
      200: { description: "the answer", content: content(route.reply, route.mediaType) },
      400: {
        description: "a parameter that cannot be used: its field and the reason",
        content: content(read.errorReply),
      },
      401: { description: "nobody that is known asked", content: content(read.errorReply) },
      503: { description: "the store does not answer", content: content(read.errorReply) },
    },
  };
}

/** What people do in the console: routes that take a POST. */
const WRITE_ROUTES: Readonly<Record<string, object>> = {
  "/api/changes": written("Record a change", wireChange, [201, z.object({ id: z.string() })]),
  "/api/incidents/{id}": written(
    "Acknowledge, assign, comment on or resolve an incident",
    incidents.incidentActionBody,
    [200, incidents.incidentRow],
  ),
  "/api/keys": written("Record what was done with a ticket key", keys.keyEventBody, [
    201,
    z.object({ id: z.string() }),
  ]),
  "/api/probes": written("Add a target of the prober", probe.probeTargetBody, [201, probe.probeTargetReply]),
  "/api/findings/{id}": written("Acknowledge, close or reopen a finding", security.findingActionBody, [
    200,
    security.findingView,
  ]),
  "/api/sources/truth": written("Choose the view that rates of a node are made of", sources.truthChoiceBody, [
    200,
    sources.truthChoiceBody,
  ]),
};

/** What people decide about hygiene rules. */
const POLICY_ROUTES: Readonly<Record<string, object>> = {
  "/api/policy/thresholds": {
    put: written("Set a rule's limits; null for the default", policy.thresholdBody, [
      200,
      policy.thresholdBody,
    ]),
  },
  "/api/policy/exceptions": {
    post: written("Let a rule fail until a day", policy.exceptionBody, [201, policy.exceptionView]),
  },
  "/api/policy/exceptions/{id}": {
    delete: {
      summary: "End an exception; it stays on record (from the console's own pages)",
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      responses: {
        200: { description: "done", content: content(policy.exceptionView) },
        403: { description: "another site asked", content: content(read.errorReply) },
        404: { description: "no such exception", content: content(read.errorReply) },
      },
    },
  },
  "/api/policy/intents": {
    put: written("Declare what telemetry cannot tell of an endpoint", policy.intentsBody, [
      200,
      policy.intentsBody.extend({ updatedMs: z.number().int() }),
    ]),
  },
};

const onProbe = (summary: string, body: z.ZodType | null) => ({
  ...(body
    ? written(summary, body, [200, probe.probeTargetReply])
    : { summary, responses: { 200: { description: "done", content: content(probe.probeTargetReply) } } }),
  parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
});

/** What people do with one target of the prober. */
const PROBE_ROUTES: Readonly<Record<string, object>> = {
  "/api/probes/{id}": {
    put: onProbe("Change a target", probe.probeTargetBody),
    patch: onProbe("Pause a target, or go on with it", probe.probePauseBody),
    delete: onProbe("Delete a target", null),
  },
};

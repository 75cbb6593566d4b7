/** The contracts of /api/alerts: rules with their alerts, preview, silences, receivers, routes, messages. */
import { z } from "zod";
import { ALERT_PHASES, ALERT_TRANSITIONS, OUTBOX_STATES, TELL_REASONS } from "../domain/alert-phase.ts";
import { alertRoute, alertSilence, matcher } from "../domain/alert-routing.ts";
import { ALERT_SEVERITIES, alertRule } from "../domain/alert-rule.ts";
import { ALERT_UNITS } from "../domain/alert-words.ts";
import { alertReceiver } from "./alert-file.ts";

const ms = z.number().int();
const labels = z.record(z.string(), z.string());
const actor = z.string().trim().max(253).nullable().default(null);
const origin = z.enum(["console", "file"]);

/** `shipped`: as it came. `changed`: a shipped one that somebody changed. `own`: somebody's. `file`: of the rules file, read-only here. */
const RULE_ORIGINS = ["shipped", "changed", "own", "file"] as const;
export const ruleView = z.object({
  rule: alertRule,
  origin: z.enum(RULE_ORIGINS),
  /** A shipped rule of this id comes back when it is deleted here. */
  shipped: z.boolean(),
  actor: z.string().nullable(),
  updatedMs: ms.nullable(),
  /** Alerts in each phase now. */
  phases: z.partialRecord(z.enum(ALERT_PHASES), ms),
  /** Within the last 30 days; null: it did not fire. */
  lastFiredMs: ms.nullable(),
});
export type RuleView = z.infer<typeof ruleView>;

const threadView = z.object({
  receiver: z.string(),
  thread: z.string(),
  toldMs: ms.nullable(),
  messages: ms,
  acknowledgedBy: z.string().nullable(),
  acknowledgedMs: ms.nullable(),
});
export type ThreadView = z.infer<typeof threadView>;

export const alertView = z.object({
  ruleId: z.string(),
  alertId: z.string(),
  title: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  labels,
  /** With the rule's own: what silences and routes see. */
  routed: labels,
  phase: z.enum(ALERT_PHASES),
  sinceMs: ms,
  firedMs: ms.nullable(),
  value: z.number().nullable(),
  unit: z.enum(ALERT_UNITS),
  /** Since when nothing is measured of it; null while something is. */
  silentSinceMs: ms.nullable(),
  /** What was measured when it last changed. */
  text: z.string(),
  /** Receivers that the routing tree names for it. */
  receivers: z.array(z.string()),
  threads: z.array(threadView),
  silence: z.object({ id: z.string(), reason: z.string(), endsMs: ms }).nullable(),
  /** The incident that it stands for. */
  incidentId: z.string().nullable(),
});
export type AlertView = z.infer<typeof alertView>;

export const silenceView = alertSilence.extend({
  createdMs: ms,
  endedMs: ms.nullable(),
  state: z.enum(["active", "coming", "past"]),
  /** Alerts that fire now and that it keeps quiet. */
  quiet: ms,
});
export type SilenceView = z.infer<typeof silenceView>;

export const receiverView = z.object({
  name: z.string(),
  kind: z.string(),
  origin,
  actor: z.string().nullable(),
  updatedMs: ms,
  /** Without secrets; null where they cannot be opened any more: save them again. */
  settings: z.record(z.string(), z.unknown()).nullable(),
  /** Secrets that are set, by name; their values are never answered. */
  secretsSet: z.array(z.string()),
  /** Whether the routing tree names it. */
  routed: z.boolean(),
});
export type ReceiverView = z.infer<typeof receiverView>;

export const alertsReply = z.object({
  nowMs: ms,
  rules: z.array(ruleView),
  /** All but those that are ok. */
  alerts: z.array(alertView),
  events: z.array(
    z.object({
      ruleId: z.string(),
      title: z.string(),
      atMs: ms,
      transition: z.enum(ALERT_TRANSITIONS),
      text: z.string(),
    }),
  ),
  silences: z.array(silenceView),
  receivers: z.array(receiverView),
  routing: z.object({
    tree: alertRoute,
    /** The same as people write it. */
    yaml: z.string(),
    /** null: nobody has written one yet. */
    origin: origin.nullable(),
    actor: z.string().nullable(),
    updatedMs: ms.nullable(),
  }),
});
export type AlertsReply = z.infer<typeof alertsReply>;

export const alertRuleBody = z.strictObject({ rule: alertRule, actor });
export const alertEnableBody = z.strictObject({ enabled: z.boolean(), actor });

/** Longest time that a preview looks back. */
export const MOST_PREVIEW_DAYS = 30;
export const previewBody = z.strictObject({
  rule: alertRule,
  days: z
    .number()
    .min(1 / 24)
    .max(MOST_PREVIEW_DAYS),
});
export const previewReply = z.object({
  /** What was evaluated; it begins later than was asked where there was no time for all. */
  fromMs: ms,
  toMs: ms,
  askedFromMs: ms,
  /** How often it was evaluated: what is shorter than this may not show. */
  stepMs: ms,
  /** Before this only hours are kept, so that shorter windows are averages of their hour; null: not in this time. */
  hoursBeforeMs: ms.nullable(),
  alerts: ms,
  /** How often it would have fired. */
  fired: ms,
  /** Evaluations, over all alerts, and those of them without data. */
  evaluations: ms,
  withoutData: ms,
  /** The newest of them. */
  firings: z.array(z.object({ labels, fromMs: ms, toMs: ms.nullable(), text: z.string() })),
  unit: z.enum(ALERT_UNITS),
  limit: z.number().nullable(),
  clear: z.number().nullable(),
  /** Courses of the alerts that fired most, then of the largest; null where there was no data. */
  series: z.array(z.object({ labels, fired: ms, points: z.array(z.tuple([ms, z.number().nullable()])) })),
});
export type PreviewReply = z.infer<typeof previewReply>;

export const silenceBody = z.strictObject({
  matchers: z.array(matcher).min(1, "at least one label has to be named").max(20),
  startsMs: ms.optional(),
  endsMs: ms,
  author: actor,
  reason: z.string().trim().min(3, "needs a reason").max(500),
});

/** Secrets that are left out keep their value; null takes one away. */
export const receiverBody = z.strictObject({
  kind: alertReceiver.shape.kind,
  settings: z.record(z.string().max(64), z.unknown()),
  actor,
});
export const receiverCreateBody = receiverBody.extend({ name: alertReceiver.shape.name });

/** A tree, or the YAML that people write it in. */
export const routingBody = z.union([
  z.strictObject({ tree: alertRoute, actor }),
  z.strictObject({ yaml: z.string().max(262_144), actor }),
]);

export const messagesParams = z.object({
  days: z.coerce
    .number()
    .min(1 / 24)
    .max(90)
    .default(7),
  state: z.enum(OUTBOX_STATES).optional(),
  incident: z.string().max(64).optional(),
  id: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export const messageView = z.object({
  id: z.string(),
  receiver: z.string(),
  thread: z.string(),
  reason: z.enum([...TELL_REASONS, "test"]),
  title: z.string(),
  state: z.enum(OUTBOX_STATES),
  createdMs: ms,
  dueMs: ms,
  sentMs: ms.nullable(),
  attempts: ms,
  lastError: z.string().nullable(),
  tries: z.array(
    z.object({
      atMs: ms,
      ok: z.boolean(),
      status: ms.nullable(),
      durationMs: ms,
      error: z.string().nullable(),
    }),
  ),
});
export type MessageView = z.infer<typeof messageView>;
export const messagesReply = z.object({ nowMs: ms, messages: z.array(messageView) });
export type MessagesReply = z.infer<typeof messagesReply>;

export const acknowledgeBody = z.strictObject({ thread: z.string().min(1).max(1_024), actor });
export const importBody = z.strictObject({ yaml: z.string().max(1_048_576), actor });
export const importReply = z.object({ rules: ms, receivers: ms, route: z.boolean() });
export const doneReply = z.object({ ok: z.literal(true) });
export const testReply = z.object({ id: z.string() });

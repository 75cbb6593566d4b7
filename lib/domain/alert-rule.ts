/** Alert rules as people write them, in the console or in a file: what is watched, where, and when it fires. */
import { z } from "zod";
import { FINDING_KINDS, SEVERITIES } from "./findings.ts";
import { METRIC_DEFINITIONS } from "./metrics.ts";

/** `page`: somebody is woken. `ticket`: in working hours. `info`: told only. */
export const ALERT_SEVERITIES = ["page", "ticket", "info"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** What a rule may be split by: one alert for each value. */
export const ALERT_SPLITS = ["endpoint", "node", "region", "family", "protocol"] as const;
export type AlertSplit = (typeof ALERT_SPLITS)[number];

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a length: a number of them, or text like `90s`, `5m`, `1h`, `7d`. */
export const lengthMs = z.union(
  [
    z
      .number()
      .int()
      .min(0)
      .max(400 * 86_400_000),
    z
      .string()
      .regex(/^\d{1,9}(ms|s|m|h|d)$/)
      .transform((text) => {
        const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof UNITS_MS;
        return Number.parseInt(text, 10) * UNITS_MS[unit];
      }),
  ],
  "a length like 90s, 5m, 1h or 7d is expected",
);

/** A length as rules write it: the largest unit that divides it. */
export function lengthText(ms: number): string {
  const unit = (["d", "h", "m", "s"] as const).find((name) => ms > 0 && ms % UNITS_MS[name] === 0) ?? "ms";
  return `${ms / UNITS_MS[unit]}${unit}`;
}

const metric = z.enum(Object.keys(METRIC_DEFINITIONS) as [keyof typeof METRIC_DEFINITIONS]);
export type AlertMetric = z.infer<typeof metric>;
const ratio = z.number().min(0).max(1);
const names = z.array(z.string().min(1).max(253)).min(1).max(100);
/** Handshakes (or offers) that a window has to hold; fewer are no data. */
const leastCount = z.number().int().min(0).max(1e12).default(50);

const threshold = z.strictObject({
  kind: z.literal("threshold"),
  metric,
  /** Of durations and ages. */
  quantile: ratio.optional(),
  /** Of durations: full and resumed handshakes are never one figure. */
  outcome: z.enum(["full", "resumed"]).optional(),
  direction: z.enum(["above", "below"]),
  value: z.number().finite(),
  /** It is over only beyond this; the same as `value` where it is not given. */
  clear: z.number().finite().optional(),
  window: lengthMs.default(300_000),
  leastCount,
});

const drop = z.strictObject({
  kind: z.literal("drop"),
  metric: z.enum(["resume_rate", "accept_rate", "offer_rate"]),
  /** What is usual at this hour at the mix that came (resume rate only), or the same window a day or a week earlier. */
  against: z.enum(["expected", "day", "week"]),
  /** Points (0.1 = ten) that it lies below. */
  points: ratio,
  clear: ratio.optional(),
  window: lengthMs.default(900_000),
  leastCount,
});

const burnWindow = z.strictObject({ window: lengthMs, factor: z.number().min(0).max(10_000) });
const burn = z.strictObject({
  kind: z.literal("burn"),
  metric: z.enum(["accept_rate", "resume_rate"]),
  /** The share that should be reached; 1 - objective is the budget. */
  objective: z.number().min(0).max(0.999_999),
  /** Both windows have to burn: the short one ends it soon, the long one keeps noise out. */
  fast: burnWindow,
  slow: burnWindow,
  /** It does not fire where more than this share of the fall since the day before is mix (DOMAIN 5.3). */
  mostMixShare: ratio.optional(),
  leastCount,
});

const absence = z.strictObject({
  kind: z.literal("absence"),
  /** Silent for so long … */
  window: lengthMs,
  /** … though it was heard within this before. */
  heardWithin: lengthMs.default(86_400_000),
});
const keyAge = z.strictObject({ kind: z.literal("key_age"), most: lengthMs });
const certificate = z.strictObject({ kind: z.literal("certificate_expiry"), least: lengthMs });
const residency = z.strictObject({
  kind: z.literal("cache_residency"),
  /** Residency over the configured timeout; below 1, entries are evicted before they time out (Law 4). */
  leastShare: z.number().min(0).max(100),
  window: lengthMs.default(1_800_000),
});
const incident = z.strictObject({
  kind: z.literal("incident"),
  classes: z
    .array(z.enum(["page", "info"]))
    .min(1)
    .default(["page"]),
  families: names.optional(),
  modes: names.optional(),
});
const finding = z.strictObject({
  kind: z.literal("finding"),
  kinds: z.array(z.enum(FINDING_KINDS)).min(1).optional(),
  severities: z.array(z.enum(SEVERITIES)).min(1).optional(),
});

export const alertCondition = z.discriminatedUnion("kind", [
  threshold,
  drop,
  burn,
  absence,
  keyAge,
  certificate,
  residency,
  incident,
  finding,
]);
export type AlertCondition = z.infer<typeof alertCondition>;

export const alertScope = z.strictObject({
  endpoint: names.optional(),
  node: names.optional(),
  region: names.optional(),
  family: names.optional(),
  protocol: names.optional(),
});
export type AlertScope = z.infer<typeof alertScope>;

export const alertRule = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "an id of lower-case letters, digits and hyphens is expected"),
  title: z.string().min(1).max(200),
  description: z.string().max(2_000).default(""),
  severity: z.enum(ALERT_SEVERITIES),
  enabled: z.boolean().default(true),
  scope: alertScope.default({}),
  by: z.array(z.enum(ALERT_SPLITS)).max(3).default([]),
  condition: alertCondition,
  /** How long the condition has to hold before it fires. */
  for: lengthMs.default(0),
  /** How long it has to be over before it is resolved. */
  keepFiringFor: lengthMs.default(0),
  /** No data: `tell` it as a state of its own after `noDataAfter`, or `ignore` it. It is never 0 and never a recovery. */
  noData: z.enum(["tell", "ignore"]).default("ignore"),
  noDataAfter: lengthMs.default(900_000),
  labels: z.record(z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/), z.string().max(253)).default({}),
  /** A page of docs/runbooks ("FM-03"), or an address. */
  runbook: z.string().max(500).optional(),
});
export type AlertRule = z.infer<typeof alertRule>;

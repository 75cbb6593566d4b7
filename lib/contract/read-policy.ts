/** The contracts of /api/policy: rules by endpoint with their verdicts, and what people decide about them. */
import { z } from "zod";
import { SEVERITIES } from "../domain/findings.ts";
import { INTENT_FIELDS, INTENT_NAMES, type Intent, type IntentField } from "../domain/intent.ts";

export const POLICY_VERDICTS = ["pass", "fail", "unknown", "not_applicable"] as const;

const ruleId = z.string().regex(/^H\d{2}$/, "is no rule's id (H01 to H30)");
/** An endpoint's name; null stands for every endpoint. */
const endpointName = z.string().trim().min(1).max(253).nullable();
const actor = z.string().trim().max(253).nullable();

function valueSchema(field: IntentField): z.ZodType {
  switch (field.kind) {
    case "flag":
      return z.boolean();
    case "choice":
      return z.enum(field.options as [string, ...string[]]);
    case "text":
      return z.string().trim().min(1).max(253);
    default:
      return z.number().int().min(field.min).max(field.max);
  }
}

const intentShape = Object.fromEntries(
  INTENT_NAMES.map((name) => [name, valueSchema(INTENT_FIELDS[name]).nullable().default(null)]),
) as unknown as { [Name in keyof Intent]: z.ZodDefault<z.ZodType<Intent[Name]>> };
/** Declarations of one endpoint; what is left out was not said. */
export const intentBody = z.strictObject(intentShape);

export const policyParams = z.object({
  endpoint: z.string().max(253).optional(),
  verdict: z.enum(POLICY_VERDICTS).optional(),
  severity: z.enum(SEVERITIES).optional(),
  rule: ruleId.optional(),
  format: z.enum(["json", "csv"]).optional(),
});

const evidence = z.object({ label: z.string(), value: z.string(), nodes: z.array(z.string()).optional() });

export const ruleVerdict = z.object({
  endpoint: z.string(),
  verdict: z.enum(POLICY_VERDICTS),
  /** Where the rule's own is raised or lowered by what was found, that. */
  severity: z.enum(SEVERITIES),
  summary: z.string(),
  evidence: z.array(evidence),
  /** Of unknown: what to connect or declare, each in a sentence. */
  needs: z.array(z.object({ kind: z.string(), text: z.string() })),
  /** The exception under which it fails now; null: none. */
  exceptionId: z.string().nullable(),
});
export type RuleVerdict = z.infer<typeof ruleVerdict>;

const limit = z.object({
  name: z.string(),
  label: z.string(),
  unit: z.enum(["s", "bits", "count", "ratio"]),
  fallback: z.number(),
  min: z.number(),
  max: z.number(),
  value: z.number(),
});
export type LimitView = z.infer<typeof limit>;

export const ruleView = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  clauses: z.array(z.object({ reference: z.string(), says: z.string() })),
  why: z.string(),
  fix: z.array(z.string()),
  limits: z.array(limit),
  /** Who changed its limits and when; null: they are the default ones. */
  changed: z.object({ actor: z.string().nullable(), updatedMs: z.number().int() }).nullable(),
  verdicts: z.array(ruleVerdict),
});
export type RuleView = z.infer<typeof ruleView>;

export const exceptionView = z.object({
  id: z.string(),
  rule: z.string(),
  endpoint: z.string().nullable(),
  reason: z.string(),
  actor: z.string().nullable(),
  createdMs: z.number().int(),
  expiresMs: z.number().int(),
  endedMs: z.number().int().nullable(),
  state: z.enum(["active", "expired", "ended"]),
});
export type ExceptionView = z.infer<typeof exceptionView>;

const counts = z.object({
  passed: z.number().int(),
  /** Failing without an exception. */
  failed: z.number().int(),
  /** Failing under an exception: neither passed nor failed. */
  excepted: z.number().int(),
  unknown: z.number().int(),
  notApplicable: z.number().int(),
  /** passed / (passed + failed); null where nothing is known. */
  score: z.number().nullable(),
});
export type PolicyCounts = z.infer<typeof counts>;

export const policyReply = z.object({
  nowMs: z.number().int(),
  /** Telemetry is read from here to now. */
  fromMs: z.number().int(),
  /** Endpoints that are judged, most handshakes first, with their own counts over every rule. */
  endpoints: z.array(counts.extend({ endpoint: z.string(), handshakes: z.number().int() })),
  /** Before the cap on their number. */
  endpointsTotal: z.number().int(),
  total: counts,
  failing: z.record(z.enum(SEVERITIES), z.number().int()),
  /** Rules and verdicts that the parameters let through. */
  rules: z.array(ruleView),
  exceptions: z.array(exceptionView),
  intents: z.array(
    z.object({
      endpoint: z.string().nullable(),
      intent: intentBody,
      actor: z.string().nullable(),
      updatedMs: z.number().int(),
    }),
  ),
});
export type PolicyReply = z.infer<typeof policyReply>;

/** PUT /api/policy/thresholds: a part of a rule's limits; null: back to the default. The rule checks ranges. */
export const thresholdBody = z.object({
  rule: ruleId,
  threshold: z.record(z.string().max(40), z.number()).nullable(),
  actor,
});

/** POST /api/policy/exceptions. */
export const exceptionBody = z.object({
  rule: ruleId,
  endpoint: endpointName,
  reason: z.string().trim().min(3, "needs a reason").max(2_000),
  expiresMs: z.number().int(),
  actor,
});

/** PUT /api/policy/intents: replaces what was declared of the endpoint. */
export const intentsBody = z.object({ endpoint: endpointName, intent: intentBody, actor });

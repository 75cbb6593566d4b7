/** The contracts of /api/findings and /api/security. */
import { z } from "zod";
import { FINDING_KINDS, SEVERITIES } from "../domain/findings.ts";
import { filterParams, windowParams } from "./read.ts";

export const FINDING_STATES = ["open", "acknowledged", "closed"] as const;

export const findingsParams = z.object({
  from: windowParams.shape.from,
  to: windowParams.shape.to,
  /** Kinds, separated by commas; all by default. */
  kind: z.string().max(500).optional(),
  state: z.enum(["all", "unsettled", ...FINDING_STATES]).optional(),
  endpoint: filterParams.shape.endpoint,
  limit: z.coerce.number().int().min(1).max(2_000).optional(),
  format: z.enum(["json", "csv"]).optional(),
});

export const findingView = z.object({
  id: z.string(),
  kind: z.enum(FINDING_KINDS),
  severity: z.enum(SEVERITIES),
  state: z.enum(FINDING_STATES),
  endpoint: z.string().nullable(),
  node: z.string().nullable(),
  firstMs: z.number().int(),
  lastMs: z.number().int(),
  count: z.number().int(),
  title: z.string(),
  /** Figures and keyed hashes, in the order in which they are shown; nothing raw. */
  evidence: z.array(z.object({ label: z.string(), value: z.string() })),
  updatedMs: z.number().int(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedMs: z.number().int().nullable(),
});
export type FindingView = z.infer<typeof findingView>;

export const findingsReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  nowMs: z.number().int(),
  findings: z.array(findingView),
  /** Senders, and whether the newest handshake of each told its ticket and its client: who can tell misuse at all. */
  sources: z.array(
    z.object({ source: z.string(), sender: z.string(), tickets: z.boolean(), clients: z.boolean() }),
  ),
});
export type FindingsReply = z.infer<typeof findingsReply>;

/** What a person does with a finding. */
export const findingActionBody = z.object({
  action: z.enum(["acknowledge", "close", "reopen"]),
  actor: z.string().max(253).nullable(),
});
export type FindingAction = z.infer<typeof findingActionBody>;

export const securityParams = windowParams
  .extend(filterParams.shape)
  .omit({ mechanism: true, outcome: true });

/** Counts of one kind by step; null stands for "not known". */
const stack = z.object({ name: z.string().nullable(), counts: z.array(z.number().int()) });
export type SecurityStack = z.infer<typeof stack>;
const share = z.object({ k: z.number().int(), n: z.number().int() });

export const securityReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  stepMs: z.number().int(),
  nowMs: z.number().int(),
  /** Starts of the steps; every list of counts has as many. */
  steps: z.array(z.number().int()),
  /** All handshakes of a step: where there are none, there is a gap. */
  handshakes: z.array(z.number().int()),
  /** Failed of all that offered, and of all that did not (DOMAIN.md 5.2), customers only. */
  failures: z.object({
    withOffer: z.array(share),
    withoutOffer: z.array(share),
    /** Failed handshakes whose offer is not known: in neither. */
    unknown: z.array(z.number().int()),
  }),
  /** Offers that were refused, by reason. */
  reasons: z.array(stack),
  /** Early data: accepted, and rejected by reason. */
  earlyAccepted: z.array(z.number().int()),
  earlyRejected: z.array(stack),
  /** Failed handshakes by TLS alert; known for windows of whole minutes, within their retention. */
  alerts: z.array(stack),
  failed: z.number().int(),
});
export type SecurityReply = z.infer<typeof securityReply>;

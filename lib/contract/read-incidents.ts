/** The contracts of /api/incidents: the list, one incident with everything that explains it, and what people do to it. */
import { z } from "zod";
import { changeView, point, windowParams } from "./read.ts";

export const INCIDENT_STATES = ["open", "acknowledged", "resolved"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];
/** `page`: somebody has to look. `info`: told, never paged (a surge of new users, a bot flood, a rotation without harm). */
export const INCIDENT_CLASSES = ["page", "info"] as const;
/** Signals that may depart independently. */
export const SIGNAL_FAMILIES = [
  "resumption",
  "early_data",
  "latency",
  "failures",
  "rotation",
  "telemetry",
] as const;

const names = z.array(z.string()).nullable();
/** Where: every part is a restriction; null = all. */
export const incidentScope = z.object({
  endpoints: z.array(z.string()),
  nodes: names,
  regions: names,
  families: names,
  protocols: names,
});
export type IncidentScope = z.infer<typeof incidentScope>;

/** One statement for (weight above 0) or against an explanation, in nats. */
const evidence = z.object({ text: z.string(), weight: z.number() });

/** The measured departure that an incident stands on. */
const departure = z.object({
  signal: z.string(),
  observed: z.number(),
  expected: z.number(),
  trials: z.number(),
  sigmas: z.number(),
  windowMs: z.number(),
});

/** A failure mode that may be at work; `mode` is "unknown" where none fits. */
const diagnosis = z.object({
  mode: z.string(),
  title: z.string(),
  failureModes: z.array(z.string()),
  probability: z.number(),
  evidence: z.array(evidence),
});
export type DiagnosisView = z.infer<typeof diagnosis>;

/** A change that may have caused it; `change` is null for "no recorded change explains this". */
const suspect = z.object({
  change: changeView.nullable(),
  probability: z.number(),
  lagMs: z.number().nullable(),
  evidence: z.array(evidence),
});
export type SuspectView = z.infer<typeof suspect>;

export const incidentRow = z.object({
  id: z.string(),
  class: z.enum(INCIDENT_CLASSES),
  family: z.enum(SIGNAL_FAMILIES),
  state: z.enum(INCIDENT_STATES),
  /** What happened, in one sentence with its figures. */
  headline: z.string(),
  openedMs: z.number().int(),
  /** Estimated beginning of the departure. */
  onsetMs: z.number().int(),
  updatedMs: z.number().int(),
  resolvedMs: z.number().int().nullable(),
  reopened: z.number().int(),
  scope: incidentScope,
  departure,
  /** Best diagnosis and suspect. */
  mode: z.object({ mode: z.string(), title: z.string(), probability: z.number() }),
  suspect: z.object({ changeId: z.string().nullable(), title: z.string(), probability: z.number() }),
  /** Handshakes that would have resumed, from onset until now or its end; null where the signal is another. */
  lost: z.number().nullable(),
  /** Extra cores that full handshakes cost now (DOMAIN 5.4); null where unknown. */
  cpuAtRiskCores: z.number().nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedMs: z.number().int().nullable(),
  assignee: z.string().nullable(),
});
export type IncidentRow = z.infer<typeof incidentRow>;

export const incidentsParams = windowParams.extend({
  state: z.enum([...INCIDENT_STATES, "all"]).optional(),
  class: z.enum([...INCIDENT_CLASSES, "all"]).optional(),
  endpoint: z.string().max(253).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});
export const incidentsReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  nowMs: z.number().int(),
  incidents: z.array(incidentRow),
});
export type IncidentsReply = z.infer<typeof incidentsReply>;

/** A proportion with its counts and a Wilson 95 % interval; null where nothing is known. */
const share = z
  .object({ k: z.number(), n: z.number(), value: z.number(), low: z.number(), high: z.number() })
  .nullable();

/** R, O and A before the onset and since, and how much of the change of R each made: dR = A0 dO + O1 dA (DOMAIN 5.2). */
const decomposition = z.object({
  before: z.object({ r: share, o: share, a: share }),
  after: z.object({ r: share, o: share, a: share }),
  /** Points of R (as a ratio) by offers and by acceptance; null where offers cannot be seen. */
  byOffers: z.number().nullable(),
  byAcceptance: z.number().nullable(),
  /** Points of R by who came and by what happened to them (DOMAIN 5.3), over families and protocols. */
  mix: z.number().nullable(),
  rate: z.number().nullable(),
});
export type Decomposition = z.infer<typeof decomposition>;

/** What one value of one dimension contributed to the loss. */
const contribution = z.object({
  dimension: z.enum(["endpoint", "node", "region", "family", "protocol", "mechanism", "reason"]),
  value: z.string().nullable(),
  before: share,
  after: share,
  /** Handshakes lost here, and their share of all lost (may be negative where it gained). */
  lost: z.number(),
  lostShare: z.number(),
});
export type Contribution = z.infer<typeof contribution>;

/** The predicted recovery R(t0+u) = R0 F_age(u) (DOMAIN 4.0, Law 2), over what really happens. */
export const recovery = z.object({
  /** Where F_age comes from: measured ticket ages, or an estimate that is said to be one. */
  basis: z.enum(["measured", "estimated"]),
  fromMs: z.number().int(),
  predicted: z.array(z.object({ t: z.number().int(), low: z.number(), value: z.number(), high: z.number() })),
  actual: z.array(point),
  /** When 90 % of the loss should be back, with an interval; null where it is not predicted within a week. */
  eta: z.object({ atMs: z.number().int(), lowMs: z.number().int(), highMs: z.number().int() }).nullable(),
  verdict: z.enum(["too_early", "as_predicted", "faster", "not_recovering", "recovered"]),
  sentence: z.string(),
});
export type Recovery = z.infer<typeof recovery>;

export const incidentUpdate = z.object({
  atMs: z.number().int(),
  kind: z.enum([
    "opened",
    "refined",
    "resolved",
    "reopened",
    "acknowledged",
    "unacknowledged",
    "assigned",
    "comment",
  ]),
  actor: z.string().nullable(),
  text: z.string(),
});
export type IncidentUpdate = z.infer<typeof incidentUpdate>;

/** /api/incidents/{id}: what, where, rate or mix, which kind, why, when over, and what to do. */
export const incidentReply = z.object({
  nowMs: z.number().int(),
  incident: incidentRow,
  diagnoses: z.array(diagnosis),
  suspects: z.array(suspect),
  /** R (or the departed signal) around the onset, with what was expected. */
  course: z.array(point.extend({ expected: z.number().nullable() })),
  decomposition: decomposition.nullable(),
  contributions: z.array(contribution),
  /** Null where the mode is no invalidation, so that nothing recovers along F_age. */
  recovery: recovery.nullable(),
  cost: z.object({ cpuAtRiskCores: z.number().nullable(), sentence: z.string() }),
  advice: z.object({ first: z.string(), doNot: z.array(z.string()), runbook: z.string().nullable() }),
  updates: z.array(incidentUpdate),
});
export type IncidentReply = z.infer<typeof incidentReply>;

/** POST /api/incidents/{id}: what a person does. */
export const incidentActionBody = z.object({
  action: z.enum(["acknowledge", "unacknowledge", "assign", "comment", "resolve"]),
  actor: z.string().max(253).nullable(),
  /** Assignee, or the comment. */
  text: z.string().max(10_000).nullable(),
});
export type IncidentAction = z.infer<typeof incidentActionBody>;

/** The contract of /api/policy-lab: what the policy lab computes from; the browser does the computing (lib/policy/lab.ts). */
import { z } from "zod";
import { windowParams } from "./read.ts";
import { recovery } from "./read-incidents.ts";

const ms = z.number().int();

/** Window: default the last week. */
export const labParams = windowParams
  .omit({ step: true })
  .extend({ endpoint: z.string().max(253).optional() });

/** Who told a part of the policy at work: people who declared it, or keys and tickets that were seen. */
export const LAB_ORIGINS = ["declared", "keys"] as const;
const known = z.object({ value: z.number(), from: z.enum(LAB_ORIGINS) }).nullable();

/** Handshakes a second; `ticketCores`: what resuming by ticket or PSK saves of CPU, in cores (DOMAIN 5.4). */
const load = z.object({
  fromMs: ms,
  toMs: ms,
  completedPerS: z.number(),
  fullPerS: z.number(),
  ticketPerS: z.number(),
  ticketCores: z.number(),
});
export type LoadView = z.infer<typeof load>;

export const labReply = z.object({
  fromMs: ms,
  toMs: ms,
  nowMs: ms,
  endpoint: z.string().nullable(),
  /** Ages of tickets that resumed, seconds, in (lowS, highS]; empty where no source tells them. */
  ages: z.array(z.object({ lowS: z.number(), highS: z.number(), count: z.number().int() })),
  /** Completed handshakes of known outcome; of them resumed by ticket or PSK, and otherwise or not known by what. */
  completed: z.number().int(),
  byTicket: z.number().int(),
  otherwise: z.number().int(),
  /** Of `otherwise`, those of which no source tells by what. */
  unknownMechanism: z.number().int(),
  /** Variance of the resume rate between hours over that of sampling alone, >= 1. */
  spread: z.number(),
  /** The policy at work; null = not known. */
  today: z.object({ lifetimeS: known, periodS: known, retained: known }),
  bounds: z.object({
    /** When the first certificate ends that the prober saw; null: none was seen. */
    certificateUntilMs: ms.nullable(),
    /** How soon a revoked client must be out, as declared; null: nothing was declared. */
    revocationSlaS: z.number().nullable(),
  }),
  /** The last whole hour, and the busiest hour of the window by full handshakes that lost tickets would add; null: no handshakes. */
  load: z.object({ last: load.nullable(), busiest: load.nullable() }),
  /** CPU that is free on the nodes that tell theirs, in cores; null: none does. */
  free: z.object({ freeCores: z.number(), cores: z.number(), nodes: z.number().int() }).nullable(),
});
export type LabReply = z.infer<typeof labReply>;

/** /api/policy-lab/recovery: how R came back since a moment at which all tickets of an endpoint died. */
export const recoveryParams = z.object({
  endpoint: z.string().max(253).optional(),
  /** Epoch ms, or RFC 3339. */
  at: z.string().max(64),
});
export const recoveryReply = z.object({
  atMs: ms,
  nowMs: ms,
  /** Null where nothing is known of before or since. */
  recovery: recovery.nullable(),
});
export type RecoveryReply = z.infer<typeof recoveryReply>;

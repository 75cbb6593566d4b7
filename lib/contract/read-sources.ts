/** The contract of /api/sources: who sends, how fresh, how much, what was refused, and where two views tell of the same. */
import { z } from "zod";
import { VANTAGES } from "../domain/vocabulary.ts";

export const sourceView = z.object({
  source: z.string(),
  transport: z.string(),
  sender: z.string(),
  firstSeenMs: z.number().int(),
  lastSeenMs: z.number().int(),
  lastEventMs: z.number().int().nullable(),
  accepted: z.number().int(),
  rejected: z.number().int(),
  duplicate: z.number().int(),
  overflowed: z.number().int(),
  rejections: z.array(
    z.object({
      reason: z.string(),
      count: z.number().int(),
      lastMs: z.number().int(),
      sample: z.string().nullable(),
    }),
  ),
  /** Invariants that its telemetry broke: data faults (FM-36), not incidents. */
  breaches: z.array(
    z.object({
      invariant: z.string(),
      sentence: z.string(),
      count: z.number().int(),
      firstMs: z.number().int(),
      lastMs: z.number().int(),
      detail: z.string(),
    }),
  ),
  /** Accepted a minute, over the last five whole minutes that it was there; null before there is one. */
  perMinute: z.number().nullable(),
  /** Longest time from an event to its arrival in the newest minute that brought one. */
  lagMs: z.number().nullable(),
  /** When it was last heard, if it has been quiet for longer than its habit. */
  silentSinceMs: z.number().int().nullable(),
  /** The last hour by minute of arrival. */
  minutes: z.array(
    z.object({
      minuteMs: z.number().int(),
      accepted: z.number().int(),
      rejected: z.number().int(),
      lagMs: z.number().nullable(),
    }),
  ),
  /** The newest handshake as decoded, identifiers hashed. */
  lastHandshake: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).nullable(),
});
export type SourceView = z.infer<typeof sourceView>;

const truthSide = z.object({
  sources: z.array(z.string()),
  firstMs: z.number().int(),
  lastMs: z.number().int(),
  /** Completed handshakes of known outcome and resume rate in the last hour. */
  completed: z.number().int(),
  resumeRate: z.number().nullable(),
});
/** A product on a node that is seen from more than one vantage (null: not from this one); rates are made of `used` alone. */
export const truthView = z.object({
  node: z.string().nullable(),
  system: z.string().nullable(),
  log: truthSide.nullable(),
  wire: truthSide.nullable(),
  counters: truthSide.nullable(),
  used: z.enum(VANTAGES),
  /** Whether a person chose it; otherwise it is the first in order that tells full from resumed. */
  chosen: z.boolean(),
});
export type TruthView = z.infer<typeof truthView>;
export const sourcesReply = z.object({
  nowMs: z.number().int(),
  sources: z.array(sourceView),
  truths: z.array(truthView),
});
export type SourcesReply = z.infer<typeof sourcesReply>;

/** POST /api/sources/truth: null goes back to the usual one. */
export const truthChoiceBody = z.object({
  node: z.string().max(253).nullable(),
  system: z.string().max(64).nullable(),
  vantage: z.enum(VANTAGES).nullable(),
});

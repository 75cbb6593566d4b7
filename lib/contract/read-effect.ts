/** The contracts of a change's page: what it did, where, and what the last ones of its kind did. */
import { z } from "zod";
import { changeView, effectReply, point } from "./read.ts";

/** A proportion with its counts and a Wilson 95 % interval; null where nothing is known. */
export const measuredShare = z
  .object({ k: z.number(), n: z.number(), value: z.number(), low: z.number(), high: z.number() })
  .nullable();
export type MeasuredShare = z.infer<typeof measuredShare>;

/** One rate on both sides of a change. The interval allows for how much R varied by itself before. */
export const rateEffect = z.object({
  before: measuredShare,
  after: measuredShare,
  difference: effectReply.shape.difference,
});
export type RateEffect = z.infer<typeof rateEffect>;

/** The effect on one value of one dimension. */
export const scopeEffect = rateEffect.extend({
  dimension: z.enum(["endpoint", "node", "region", "family", "protocol", "mechanism"]),
  value: z.string().nullable(),
  /** Whether 0 lies outside an interval that allows for the number of comparisons. */
  stands: z.boolean(),
});
export type ScopeEffect = z.infer<typeof scopeEffect>;

/** /api/changes/{id}/effect: R, O and A, and R by scope. */
export const changeEffectReply = effectReply.extend({
  /** O and A; null where offers cannot be seen. */
  offer: rateEffect.nullable(),
  accept: rateEffect.nullable(),
  /** Resume rate by scope: what stands first, then the most moved. */
  scopes: z.array(scopeEffect),
  /** How many comparisons `stands` allows for, and what that means, in words. */
  comparisons: z.number().int(),
  note: z.string(),
});
export type ChangeEffectReply = z.infer<typeof changeEffectReply>;

export const alignedParams = z.object({
  /** How many of its kind, this one among them. */
  n: z.coerce.number().int().min(1).max(20).optional(),
  /** Milliseconds on each side. */
  around: z.coerce.number().int().min(60_000).max(86_400_000).optional(),
});

/** /api/changes/{id}/aligned: the resume rate around each of the last changes of the same kind and scope; t = 0 is the change. */
export const alignedReply = z.object({
  change: changeView,
  aroundMs: z.number().int(),
  stepMs: z.number().int(),
  /** Newest first. `t` of points is milliseconds from the change. */
  courses: z.array(z.object({ change: changeView, points: z.array(point) })),
  /** Of all courses together, weighted by handshakes. */
  mean: z.array(point),
  sentence: z.string(),
});
export type AlignedReply = z.infer<typeof alignedReply>;

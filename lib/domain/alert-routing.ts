/** Who is told of which alert, and what is kept quiet, as people write it. */
import { z } from "zod";
import { lengthMs } from "./alert-rule.ts";

const name = z.string().min(1).max(253);

/** How a label is compared. `like` and `not_like` take `*` for anything: no regular expressions, which a hostile one could hang. */
export const MATCH_OPERATORS = ["is", "is_not", "like", "not_like"] as const;
/** A label that is not there is the empty text. */
export const matcher = z.strictObject({
  label: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/),
  operator: z.enum(MATCH_OPERATORS).default("is"),
  value: z.string().max(253),
});
export type Matcher = z.infer<typeof matcher>;

const timing = {
  /** Labels whose values make one thread. Alerts of an incident are its thread, whatever these say. */
  groupBy: z.array(name).max(10).optional(),
  /** How long the first message of a thread waits for more. */
  groupWait: lengthMs.optional(),
  /** How long a thread waits before it tells of more. */
  groupInterval: lengthMs.optional(),
  /** After how long it is told again while it lasts and nobody has acknowledged it. */
  repeatInterval: lengthMs.optional(),
};

export type AlertRoute = {
  readonly receiver?: string | undefined;
  readonly matchers: readonly Matcher[];
  /** Goes on to the next sibling although this one took it. */
  readonly continue: boolean;
  readonly groupBy?: readonly string[] | undefined;
  readonly groupWait?: number | undefined;
  readonly groupInterval?: number | undefined;
  readonly repeatInterval?: number | undefined;
  readonly routes: readonly AlertRoute[];
};
/** A branch of the routing tree; what it leaves out is its parent's. The deepest branch that fits takes an alert. */
export const alertRoute: z.ZodType<AlertRoute> = z.lazy(() =>
  z.strictObject({
    receiver: name.optional(),
    matchers: z.array(matcher).max(20).default([]),
    continue: z.boolean().default(false),
    ...timing,
    routes: z.array(alertRoute).max(50).default([]),
  }),
) as z.ZodType<AlertRoute>;

/** Quiet for alerts whose labels all match, for a while and for a reason. */
export const alertSilence = z.strictObject({
  id: z.string().min(1).max(64),
  matchers: z.array(matcher).min(1).max(20),
  startsMs: z.number().int(),
  endsMs: z.number().int(),
  author: z.string().max(253).nullable(),
  reason: z.string().min(1).max(500),
});
export type AlertSilence = z.infer<typeof alertSilence>;

import { F } from "./features.ts";
import type { SignalFamily } from "./types.ts";

/** One proportion (or mean) that is watched. */
export type Stream = {
  readonly name: string;
  readonly family: SignalFamily;
  /** Which way harm lies: -1 when falling is bad, +1 when rising is. */
  readonly harm: -1 | 1;
  /** Positions of numerator and denominator among the features. */
  readonly over: number;
  readonly under: number;
  /** `mean`: the numerator is a sum of durations, watched relative to what was expected. */
  readonly measure: "share" | "mean";
  /**
   * Bots and monitors take no part in customers' rates (DOMAIN 5.1). But they may replay, and a dearer full handshake shows best
   * with them, whose way is short.
   */
  readonly customersOnly: boolean;
  /** Only looked at to explain; never a finding by itself. */
  readonly silent: boolean;
  /** Departures smaller than this (share points, or relative for means) are not worth waking anybody. */
  readonly smallest: number;
};

const share = (
  name: string,
  family: SignalFamily,
  [harm, over, under]: readonly [-1 | 1, number, number],
  smallest: number,
): Stream => ({
  name,
  family,
  harm,
  over,
  under,
  measure: "share",
  customersOnly: family !== "failures",
  smallest,
  silent: false,
});

const silent = (name: string, [over, under]: readonly [number, number]): Stream => ({
  ...share(name, "resumption", [-1, over, under], 1),
  silent: true,
});

/** Variance of a handshake's duration over its squared mean: durations have long tails. */
export const DURATION_SPREAD = 1.5;

/** In one order everywhere: streams are known by their position. */
export const STREAMS: readonly Stream[] = [
  share("resume", "resumption", [-1, F.resumed, F.completed], 0.01),
  share("accept", "resumption", [-1, F.accepted, F.offered], 0.01),
  share("unknown_key", "resumption", [1, F.unknownKey, F.offered], 0.01),
  share("expired", "resumption", [1, F.expired, F.offered], 0.01),
  share("cache_miss", "resumption", [1, F.cacheMiss, F.offered], 0.01),
  share("context", "resumption", [1, F.context, F.offered], 0.01),
  share("policy_off", "resumption", [1, F.policyOff, F.offered], 0.005),
  share("early", "early_data", [-1, F.earlyAccepted, F.byPsk], 0.02),
  share("early_rejected", "early_data", [1, F.earlyRejected, F.byPsk], 0.02),
  share("failure", "failures", [1, F.failed, F.all], 0.02),
  {
    ...share("full_time", "latency", [1, F.fullUs, F.fullTimed], 0.05),
    measure: "mean",
    customersOnly: false,
  },
  { ...share("resumed_time", "latency", [1, F.resumedUs, F.resumedTimed], 0.05), measure: "mean" },
  silent("offer", [F.offered, F.seen]),
  silent("by_session_id", [F.bySessionId, F.completed]),
  silent("by_ticket", [F.byTicket, F.completed]),
  silent("by_psk", [F.byPsk, F.completed]),
  silent("early_of_all", [F.earlyAccepted, F.completed]),
];

/** Position of a stream by its name. */
export const STREAM = Object.fromEntries(STREAMS.map(({ name }, at) => [name, at])) as Readonly<
  Record<string, number>
>;
export const RESUME = 0;
export const ACCEPT = 1;

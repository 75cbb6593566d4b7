/**
 * Whether a sender has fallen silent, judged by its own habit: a busy proxy is silent after minutes, a nightly import is
 * not silent all day. Times are epoch milliseconds, lengths milliseconds.
 */

/** No sender is called silent sooner than this. */
export const SOONEST_MS = 300_000;
/** A silence this many times longer than nearly all pauses before is out of habit. */
const TIMES = 4;
/** Pauses are taken as habit up to this share of them. */
const HABIT = 0.95;
/** Fewer minutes than this say nothing of a habit. */
const ENOUGH_MINUTES = 5;
const MINUTE_MS = 60_000;

/**
 * How long a sender may be quiet before that is out of habit: four times the pause that 95 % of its pauses stay below,
 * at least five minutes; null where too little is known. `activeMinutesMs`: minutes in which it sent, ascending.
 */
export function quietLimitMs(activeMinutesMs: readonly number[]): number | null {
  if (activeMinutesMs.length < ENOUGH_MINUTES) return null;
  const pauses = activeMinutesMs.slice(1).map((minuteMs, i) => minuteMs - (activeMinutesMs[i] ?? minuteMs));
  pauses.sort((a, b) => a - b);
  const usual = pauses[Math.min(pauses.length - 1, Math.floor(pauses.length * HABIT))] ?? MINUTE_MS;
  return Math.max(SOONEST_MS, usual * TIMES);
}

/** Since when a sender is silent; null while it is not, or where its habit is not known. */
export function silentSinceMs(
  sender: { readonly lastSeenMs: number; readonly activeMinutesMs: readonly number[] },
  nowMs: number,
): number | null {
  const limitMs = quietLimitMs(sender.activeMinutesMs);
  return limitMs !== null && nowMs - sender.lastSeenMs > limitMs ? sender.lastSeenMs : null;
}

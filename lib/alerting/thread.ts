/**
 * What a thread tells its receiver, and why: a pure function of what was told last, the alerts of the thread now, and the time. One
 * thread is one incident, or the alerts of one group of labels; one receiver hears of it in one conversation.
 */
import type { TellReason } from "../domain/alert-phase.ts";
import type { Destination } from "./route.ts";

/** An alert of a thread as it is now. */
export type ThreadAlert = {
  readonly id: string;
  readonly firing: boolean;
  /** When it began to fire: the same alert firing anew is news. */
  readonly firedMs: number;
  /** It carries the diagnosis, which is what people wait for: it does not wait for the thread's interval. */
  readonly urgent?: boolean;
};

/** What was told last. */
export type ThreadState = {
  /** Since when the thread has something to tell; null while it has not. */
  readonly waitingSinceMs: number | null;
  readonly toldMs: number | null;
  /** Alerts that were told to fire, by id, with the moment at which they began. */
  readonly firing: Readonly<Record<string, number>>;
  /** How many messages went out. */
  readonly sequence: number;
};

export const NEW_THREAD: ThreadState = { waitingSinceMs: null, toldMs: null, firing: {}, sequence: 0 };

export type Telling = { readonly state: ThreadState; readonly reason: TellReason | null };

/**
 * Decides whether to tell now. The first message waits `groupWaitMs` for more, later ones `groupIntervalMs` since the last; a thread
 * that is acknowledged repeats nothing; alerts that ended before they were told are never told.
 */
export function tell(
  before: ThreadState,
  alerts: readonly ThreadAlert[],
  timing: Omit<Destination, "receiver" | "groupBy"> & { readonly acknowledged: boolean },
  nowMs: number,
): Telling {
  const firing = Object.fromEntries(alerts.filter((a) => a.firing).map(({ id, firedMs }) => [id, firedMs]));
  const reason = reasonOf(before, firing, timing, nowMs);
  if (reason === null) return { state: { ...before, waitingSinceMs: null }, reason: null };
  const waitingSinceMs = before.waitingSinceMs ?? nowMs;
  const urgent = alerts.some((a) => a.firing && a.urgent && before.firing[a.id] !== a.firedMs);
  const dueMs =
    reason === "first" || (reason === "more" && urgent)
      ? waitingSinceMs + timing.groupWaitMs
      : (before.toldMs ?? waitingSinceMs) + (reason === "repeat" ? 0 : timing.groupIntervalMs);
  // An end is told at once: nobody shall go on working on what is over.
  if (reason !== "resolved" && nowMs < dueMs) return { state: { ...before, waitingSinceMs }, reason: null };
  return {
    state: { waitingSinceMs: null, toldMs: nowMs, firing, sequence: before.sequence + 1 },
    reason,
  };
}

function reasonOf(
  before: ThreadState,
  firing: Readonly<Record<string, number>>,
  timing: { readonly repeatIntervalMs: number; readonly acknowledged: boolean },
  nowMs: number,
): TellReason | null {
  const told = Object.keys(before.firing).length;
  const now = Object.keys(firing).length;
  if (told === 0) return now === 0 ? null : "first";
  if (now === 0) return "resolved";
  if (Object.entries(firing).some(([id, firedMs]) => before.firing[id] !== firedMs)) return "more";
  if (now < told) return "fewer";
  const due = before.toldMs !== null && nowMs - before.toldMs >= timing.repeatIntervalMs;
  return due && !timing.acknowledged ? "repeat" : null;
}

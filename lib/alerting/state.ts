/**
 * The life of one alert: a pure function of the state before, what was measured, the rule and the time. No data is a state of its
 * own: neither zero nor recovery (docs/decisions/016-alerting.md).
 */
import type { AlertPhase, AlertTransition } from "../domain/alert-phase.ts";
import type { AlertRule } from "../domain/alert-rule.ts";

/** What a rule measured for one alert. */
export type AlertSample = {
  /** null: there is no data, or too little. */
  readonly value: number | null;
  /** Whether the condition holds. */
  readonly breached: boolean;
  /** Whether it is over; with hysteresis neither may be so. */
  readonly cleared: boolean;
};

export type AlertState = {
  readonly phase: AlertPhase;
  /** Since when, epoch ms. */
  readonly sinceMs: number;
  /** When this alert began to fire; null where it does not. One number from first firing to resolution, through gaps. */
  readonly firedMs: number | null;
  readonly evaluatedMs: number;
  /** How long the condition has held (pending) or been over (resolving), by the time that was measured. */
  readonly heldMs: number;
  /** Since when there is no data; null while there is. */
  readonly silentSinceMs: number | null;
  /** When it began to fire lately, oldest first: more than a few within an hour are flapping. */
  readonly firings: readonly number[];
  readonly value: number | null;
};

export type Timing = Pick<AlertRule, "for" | "keepFiringFor" | "noData" | "noDataAfter"> & {
  /** How often the rule is evaluated, milliseconds. */
  readonly everyMs: number;
};

export type Advanced = { readonly state: AlertState; readonly transition: AlertTransition | null };

const HOUR_MS = 3_600_000;
/** Firings within an hour that are not flapping yet. */
const CALM_FIRINGS = 2;
/** What is waited at least before a flapping alert is resolved, and at most. */
const FLAP_WAIT_MS = 300_000;
const MOST_WAIT_MS = 4 * HOUR_MS;

/** The state of an alert that was never evaluated. */
export function firstState(nowMs: number): AlertState {
  return {
    phase: "ok",
    sinceMs: nowMs,
    firedMs: null,
    evaluatedMs: nowMs,
    heldMs: 0,
    silentSinceMs: null,
    firings: [],
    value: null,
  };
}

/** One evaluation further. A moment before the last one changes nothing: clocks that step back repeat nothing. */
export function advance(
  before: AlertState | null,
  sample: AlertSample,
  timing: Timing,
  nowMs: number,
): Advanced {
  const state = before ?? firstState(nowMs);
  if (nowMs < state.evaluatedMs) return { state, transition: null };
  // After an interruption nobody knows what was between: no more than two evaluations count.
  const passedMs = Math.min(nowMs - state.evaluatedMs, 2 * timing.everyMs);
  if (sample.value === null) return silent(state, timing, nowMs);
  const heard = { ...state, evaluatedMs: nowMs, silentSinceMs: null, value: sample.value };
  if (state.phase === "no_data") return leaveSilence(heard, sample, timing);
  // The time of a gap was not measured, so it counts for neither side.
  const heldMs = state.silentSinceMs === null ? state.heldMs + passedMs : state.heldMs;
  if (state.phase === "ok" || state.phase === "pending") return rising({ ...heard, heldMs }, sample, timing);
  return falling({ ...heard, heldMs }, sample, timing);
}

function silent(state: AlertState, timing: Timing, nowMs: number): Advanced {
  const silentSinceMs = state.silentSinceMs ?? nowMs;
  const next = { ...state, evaluatedMs: nowMs, silentSinceMs, value: null };
  const quiet = state.phase === "ok" || state.phase === "pending";
  if (timing.noData === "ignore" || !quiet || nowMs - silentSinceMs < timing.noDataAfter)
    return { state: next, transition: null };
  return { state: { ...next, phase: "no_data", sinceMs: nowMs, heldMs: 0 }, transition: "no_data" };
}

function leaveSilence(state: AlertState, sample: AlertSample, timing: Timing): Advanced {
  const ok: AlertState = { ...state, phase: "ok", sinceMs: state.evaluatedMs, heldMs: 0 };
  const { state: next, transition } = rising(ok, sample, timing);
  return { state: next, transition: transition === "fired" ? "fired" : "data_back" };
}

function rising(state: AlertState, sample: AlertSample, timing: Timing): Advanced {
  const nowMs = state.evaluatedMs;
  if (!sample.breached) {
    const next: AlertState = state.phase === "ok" ? state : { ...state, phase: "ok", sinceMs: nowMs };
    return { state: { ...next, heldMs: 0 }, transition: null };
  }
  const heldMs = state.phase === "pending" ? state.heldMs : 0;
  if (heldMs >= timing.for) {
    const firings = [...state.firings.filter((atMs) => nowMs - atMs < HOUR_MS), nowMs];
    return {
      state: { ...state, phase: "firing", sinceMs: nowMs, firedMs: nowMs, heldMs: 0, firings },
      transition: "fired",
    };
  }
  if (state.phase === "pending") return { state: { ...state, heldMs }, transition: null };
  return { state: { ...state, phase: "pending", sinceMs: nowMs, heldMs }, transition: "pending" };
}

function falling(state: AlertState, sample: AlertSample, timing: Timing): Advanced {
  const nowMs = state.evaluatedMs;
  if (!sample.cleared) {
    const next: AlertState = state.phase === "firing" ? state : { ...state, phase: "firing", sinceMs: nowMs };
    return { state: { ...next, heldMs: 0 }, transition: null };
  }
  const heldMs = state.phase === "resolving" ? state.heldMs : 0;
  if (heldMs >= waitMs(state, timing)) {
    return {
      state: { ...state, phase: "ok", sinceMs: nowMs, firedMs: null, heldMs: 0 },
      transition: "resolved",
    };
  }
  if (state.phase === "resolving") return { state: { ...state, heldMs }, transition: null };
  return { state: { ...state, phase: "resolving", sinceMs: nowMs, heldMs: 0 }, transition: null };
}

/** How long an alert has to be over: longer, the more often it fired within the hour, so that a flapping one is one alert. */
export function waitMs(state: Pick<AlertState, "firings" | "evaluatedMs">, timing: Timing): number {
  const lately = state.firings.filter((atMs) => state.evaluatedMs - atMs < HOUR_MS).length;
  if (lately <= CALM_FIRINGS) return timing.keepFiringFor;
  const base = Math.max(timing.keepFiringFor, FLAP_WAIT_MS);
  return Math.min(MOST_WAIT_MS, base * 2 ** (lately - CALM_FIRINGS));
}

import type { Incident } from "./incident.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";
import type { Explanation } from "./types.ts";

/** Onsets of two signals that lie this close are of one event; a slow one is known to hours only. */
const SAME_ONSET_MS = 20 * MINUTE_MS;
const SLOW_ONSET_MS = 3 * HOUR_MS;
/** A suspect that is at least this probable is taken for the cause. */
const LIKELY = 0.5;
/** Early data goes where resumption goes, so it leads only where it is hit far more. */
const EARLY_WEIGHT = 0.3;

/**
 * The open incident of the same endpoint that a departure of another signal belongs to: one cause, one incident. It began
 * at the same time, or the same change explains both.
 */
export function mateOf(open: readonly Incident[], incident: Incident, own: Explanation): Incident | null {
  const mates = open.filter((other) => other.class === incident.class && other.family !== incident.family);
  return (
    mates.find((other) => {
      const most = other.slow || incident.slow ? SLOW_ONSET_MS : SAME_ONSET_MS;
      return Math.abs(other.onsetMs - incident.onsetMs) <= most;
    }) ??
    mates.find(({ explanation }) => {
      const [a, b] = [causeOf(explanation), causeOf(own)];
      return a !== null && a === b;
    }) ??
    null
  );
}

function causeOf(explanation: Explanation | null): string | null {
  const best = explanation?.suspects[0];
  return best && best.probability >= LIKELY ? best.changeId : null;
}

/** Of departures with one cause the one that explains the others: that which concerns most handshakes. Durations follow. */
export function leadOf(mates: readonly Incident[], nowMs: number): Incident | null {
  let best: Incident | null = null;
  let most = -1;
  for (const incident of mates) {
    const concerned = handshakesIn(incident, nowMs);
    if (concerned <= most) continue;
    best = incident;
    most = concerned;
  }
  return best;
}

function handshakesIn(incident: Incident, nowMs: number): number {
  if (incident.lead.stream.measure === "mean") return 0;
  const { observed, expected, trials } = incident.departure(nowMs);
  return Math.abs(observed - expected) * trials * (incident.family === "early_data" ? EARLY_WEIGHT : 1);
}

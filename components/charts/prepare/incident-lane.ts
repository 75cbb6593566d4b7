/** An incident as a lane under a chart shows it; `endMs` null while it goes on. */
export type LaneIncident = {
  readonly id: string;
  readonly headline: string;
  readonly class: "page" | "info";
  readonly state: "open" | "acknowledged" | "resolved";
  readonly onsetMs: number;
  readonly endMs: number | null;
};
/** One bar of the lane: left end and width as shares of the axis, and the row in which it lies. */
export type LaneBar = {
  readonly incident: LaneIncident;
  readonly left: number;
  readonly width: number;
  readonly row: number;
};
export type IncidentBars = {
  readonly bars: readonly LaneBar[];
  readonly rows: number;
  readonly left: number;
};

/** Rows of bars at most; what lies deeper is counted only. */
const MOST_ROWS = 4;
/** A bar takes at least this share of the axis, so that it can be seen and clicked. */
const NARROWEST = 0.02;

const urgency = (incident: LaneIncident): number =>
  (incident.class === "page" ? 0 : 2) + (incident.state === "resolved" ? 1 : 0);

/**
 * Incidents that went on within the window, from onset to end or to `nowMs`; those at the same time lie in rows of their own,
 * the most urgent uppermost. `left` counts those that found no row.
 */
export function incidentBars(
  incidents: readonly LaneIncident[],
  window: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
): IncidentBars {
  const { fromMs, toMs, nowMs } = window;
  const shown = incidents
    .filter(({ onsetMs, endMs }) => onsetMs < toMs && (endMs ?? nowMs) >= fromMs)
    .sort((a, b) => urgency(a) - urgency(b) || a.onsetMs - b.onsetMs);
  const rows: [number, number][][] = [];
  const bars = shown.flatMap((incident): LaneBar[] => {
    const left = (Math.max(fromMs, incident.onsetMs) - fromMs) / (toMs - fromMs);
    const right = (Math.min(toMs, incident.endMs ?? nowMs) - fromMs) / (toMs - fromMs);
    const width = Math.max(right - left, NARROWEST);
    const start = Math.max(0, Math.min(left, 1 - width));
    const free = rows.findIndex((taken) => taken.every(([a, b]) => start >= b || start + width <= a));
    const row = free === -1 ? rows.length : free;
    if (row >= MOST_ROWS) return [];
    rows[row] = [...(rows[row] ?? []), [start, start + width]];
    return [{ incident, left: start, width, row }];
  });
  return { bars, rows: rows.length, left: shown.length - bars.length };
}

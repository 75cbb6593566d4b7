/** The times that an incident is explained by. */
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { type CellWindow, resolutionAt } from "./cells.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** What is younger is compared with this much before it, so that the comparison is not of a few handshakes. */
const LEAST_BEFORE_MS = 15 * MINUTE_MS;
/** What goes on longer is compared with a week. */
const MOST_BEFORE_MS = 7 * 24 * HOUR_MS;
/** Cells of longer incidents are read by the hour: a minute of every cell for a day is too much for one page. */
const FINE_SPAN_MS = 4 * HOUR_MS;
/** Ages of tickets are taken from so long before the onset. */
const AGES_MS = 24 * HOUR_MS;
/** What the course shows beside the incident itself. */
const LEAST_ASIDE_MS = HOUR_MS;

export type IncidentWindows = {
  /** Same length on both sides of the onset; the bucket that holds the onset belongs to neither. */
  readonly before: CellWindow;
  readonly after: CellWindow;
  readonly ages: CellWindow;
  readonly course: { readonly fromMs: number; readonly toMs: number };
  /** Now, or when it was resolved. */
  readonly endMs: number;
};

/** Before and after the onset, in whole buckets that are still kept. The end is now or when it was resolved. */
export async function incidentWindows(
  store: ReadStore,
  tenant: TenantId,
  { incident, nowMs }: { readonly incident: StoredIncident; readonly nowMs: number },
): Promise<IncidentWindows> {
  const { onsetMs } = incident;
  const endMs = Math.max(onsetMs, Math.min(nowMs, incident.resolvedMs ?? nowMs));
  const leastMs = endMs - onsetMs > FINE_SPAN_MS ? HOUR_MS : MINUTE_MS;
  const wantedMs = Math.min(MOST_BEFORE_MS, Math.max(LEAST_BEFORE_MS, endMs - onsetMs));
  const resolutionMs = await resolutionAt(store, tenant, { fromMs: onsetMs - wantedMs, leastMs });
  const down = (ms: number): number => Math.floor(ms / resolutionMs) * resolutionMs;
  const [toMs, fromMs] = [down(onsetMs), Math.ceil(onsetMs / resolutionMs) * resolutionMs];
  const after = { fromMs, toMs: Math.max(fromMs, down(endMs)), resolutionMs };
  const lengthMs = Math.min(MOST_BEFORE_MS, Math.max(LEAST_BEFORE_MS, after.toMs - after.fromMs));
  const before = { fromMs: down(toMs - lengthMs), toMs, resolutionMs };
  const asideMs = Math.max(LEAST_ASIDE_MS, Math.min(endMs - onsetMs, MOST_BEFORE_MS));
  return {
    before,
    after,
    ages: { fromMs: toMs - AGES_MS, toMs, resolutionMs },
    course: { fromMs: onsetMs - asideMs, toMs: Math.min(nowMs, endMs + LEAST_ASIDE_MS) },
    endMs,
  };
}

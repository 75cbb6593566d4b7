/** How an incident's signal went, and when it should be over. */
import type { IncidentReply, Recovery } from "../contract/read-incidents.ts";
import { recoversAlongAge } from "../detect/advice.ts";
import { forecastRecovery } from "../detect/recovery.ts";
import type { Stream } from "../detect/streams.ts";
import { rateOf, type Share } from "../domain/rates.ts";
import { sumShares } from "../stats/decompose.ts";
import { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, RollupRow, TenantId } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { SUM_STEP_MS } from "./cells.ts";
import { scopeFilter } from "./incident-losses.ts";
import { countsEverybody, needsTimes, sumOf } from "./incident-signal.ts";
import type { IncidentWindows } from "./incident-windows.ts";
import { alignWindow, niceStep, stepsOf } from "./window.ts";

type Course = IncidentReply["course"];
type Asked = {
  readonly incident: StoredIncident;
  readonly stream: Stream;
  readonly windows: IncidentWindows;
  readonly nowMs: number;
};

const COURSE_POINTS = 180;
/** Steps of the recovery, from the onset until now. */
const RECOVERY_POINTS = 120;
const LEAST_STEP_MS = 60_000;

/**
 * The signal around the onset with what was expected: what the detector expected since the onset, and the mean of the window
 * before it until then. Of durations, the mean before all along (the detector expects those relative to what is usual).
 */
export async function readCourse(store: ReadStore, tenant: TenantId, asked: Asked): Promise<Course> {
  const { incident, stream, windows, nowMs } = asked;
  const { fromMs, toMs } = windows.course;
  const stepMs = Math.max(LEAST_STEP_MS, niceStep(toMs - fromMs, COURSE_POINTS));
  const { shares, window } = await sharesBy(store, tenant, { ...asked, fromMs, toMs, stepMs });
  const earlier = [...shares].filter(
    ([t]) => t >= windows.before.fromMs && t + window.stepMs <= incident.onsetMs,
  );
  const usual = rateOf(sumShares(earlier.map(([, share]) => share)));
  const since = stream.measure === "mean" ? usual : incident.departure.expected;
  const known = stream.name === incident.departure.signal;
  return stepsOf(window).map((t) => ({
    ...pointOf(t, shares.get(t), { stream, stepMs: window.stepMs, nowMs }),
    expected: t + window.stepMs <= incident.onsetMs || !known ? usual : since,
  }));
}

/** Rows by step of a stream, in an incident's scope. */
async function sharesBy(
  store: ReadStore,
  tenant: TenantId,
  asked: Asked & { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
) {
  const { incident, stream } = asked;
  const result = await store.readRollups(tenant, {
    ...alignWindow(asked),
    filter: scopeFilter(incident.scope),
    // Times are told by one view only, whichever is counted.
    ...(needsTimes(stream) ? { histograms: ["handshakeUs"] as const, views: "all" as const } : {}),
  });
  const everybody = countsEverybody(incident, stream);
  const rows = result.rows.filter(({ excluded }) => everybody || !excluded);
  const steps = Map.groupBy(rows, ({ bucketStartMs }: RollupRow) => bucketStartMs);
  return {
    shares: new Map([...steps].map(([t, list]) => [t, sumOf(list, stream)])),
    window: alignWindow({ ...alignWindow(asked), stepMs: result.stepMs }),
  };
}

type Clock = { readonly stream: Stream; readonly stepMs: number; readonly nowMs: number };

function pointOf(t: number, share: Share = { k: 0, n: 0 }, { stream, stepMs, nowMs }: Clock) {
  const interval = stream.measure === "share" ? wilson(share.k, share.n) : null;
  return {
    t,
    value: rateOf(share),
    count: share.n,
    ...(stream.measure === "share" ? (interval ?? { low: null, high: null }) : {}),
    ...(t + stepMs > nowMs ? { partial: true } : {}),
  };
}

/**
 * The predicted recovery over what happens, for an invalidation (DOMAIN Law 2); null where the diagnosis is none, or nothing
 * is known before or since.
 */
export async function readRecovery(
  store: ReadStore,
  tenant: TenantId,
  asked: Asked,
): Promise<Recovery | null> {
  const { incident, stream, windows, nowMs } = asked;
  const diagnosis = incident.diagnoses[0];
  if (!diagnosis || !recoversAlongAge(diagnosis) || stream.measure !== "share") return null;
  const { onsetMs } = incident;
  const { before, endMs } = windows;
  const stepMs = Math.max(LEAST_STEP_MS, niceStep(endMs - onsetMs, RECOVERY_POINTS));
  const span = { ...asked, fromMs: before.fromMs, toMs: Math.max(endMs, before.fromMs + stepMs), stepMs };
  const { shares, window } = await sharesBy(store, tenant, span);
  const known = stepsOf(window).flatMap((atMs) => {
    const share = shares.get(atMs);
    return share && share.n > 0 ? [{ atMs, ...share }] : [];
  });
  // Steps that hold the onset or are not over say nothing of either side.
  const since = known.filter(({ atMs }) => atMs >= onsetMs && atMs + window.stepMs <= endMs);
  const forecast = forecastRecovery({
    onsetMs,
    stepMs: window.stepMs,
    before: known.filter(({ atMs }) => atMs >= before.fromMs && atMs + window.stepMs <= onsetMs),
    after: since,
    ages: await readAges(store, tenant, asked),
  });
  return (
    forecast && {
      ...forecast,
      predicted: [...forecast.predicted],
      fromMs: onsetMs,
      actual: stepsOf(window)
        .filter((t) => t >= onsetMs)
        .map((t) => pointOf(t, shares.get(t), { stream, stepMs: window.stepMs, nowMs })),
    }
  );
}

/** Ages of tickets that resumed in the hours before the onset, in seconds; null where none were told. */
async function readAges(
  store: ReadStore,
  tenant: TenantId,
  { incident, windows }: Asked,
): Promise<Histogram | null> {
  const { fromMs, toMs, resolutionMs } = windows.ages;
  const { rows } = await store.readRollups(tenant, {
    fromMs,
    toMs,
    stepMs: SUM_STEP_MS[resolutionMs],
    filter: scopeFilter(incident.scope),
    outcomes: ["resumed"],
    histograms: ["ticketAgeS"],
    views: "all",
  });
  const ages = new Histogram();
  for (const row of rows) if (row.ticketAgeS && !row.excluded) ages.merge(row.ticketAgeS);
  return ages.count > 0 ? ages : null;
}

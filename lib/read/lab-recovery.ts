import type { z } from "zod";
import type { RecoveryReply, recoveryParams } from "../contract/read-lab.ts";
import { forecastRecovery } from "../detect/recovery.ts";
import { addResult, type Counts, noCounts, rateOf, resumeShare, type Share } from "../domain/rates.ts";
import { Histogram } from "../stats/histogram.ts";
import { wilson } from "../stats/interval.ts";
import type { ReadStore, SegmentFilter, TenantId } from "../store/port.ts";
import { ParameterProblem } from "./problem.ts";
import { alignWindow, niceStep, parseMoment, stepsOf } from "./window.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What the rate was is taken from so long before, at least; ages are of a day. */
const LEAST_BEFORE_MS = 2 * HOUR_MS;
const AGES_MS = 24 * HOUR_MS;
const STEPS = 120;

/**
 * Answers /api/policy-lab/recovery: the predicted recovery of R after all tickets of an endpoint died at a moment, over what
 * was measured since. Throws ParameterProblem.
 */
export async function readRecoveryAt(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof recoveryParams>; readonly nowMs: number },
): Promise<RecoveryReply> {
  const { params, nowMs } = request;
  const atMs = parseMoment("at", params.at, nowMs);
  if (atMs > nowMs) throw new ParameterProblem("at", "at lies in the future");
  const filter: SegmentFilter = params.endpoint ? { endpoint: [params.endpoint] } : {};
  const stepMs = Math.max(MINUTE_MS, niceStep(nowMs - atMs, STEPS));
  const fromMs = atMs - Math.max(LEAST_BEFORE_MS, Math.min(AGES_MS, nowMs - atMs), 6 * stepMs);
  const { shares, stepMs: usedMs } = await sharesBy(store, tenant, { fromMs, toMs: nowMs, stepMs, filter });
  const steps = stepsOf(alignWindow({ fromMs, toMs: nowMs, stepMs: usedMs }));
  const known = steps.flatMap((t) => {
    const share = shares.get(t);
    return share && share.n > 0 ? [{ atMs: t, ...share }] : [];
  });
  const forecast = forecastRecovery({
    onsetMs: atMs,
    stepMs: usedMs,
    before: known.filter((step) => step.atMs + usedMs <= atMs),
    after: known.filter((step) => step.atMs >= atMs && step.atMs + usedMs <= nowMs),
    ages: await agesBefore(store, tenant, { atMs, filter }),
  });
  const actual = steps
    .filter((t) => t >= atMs)
    .map((t) => pointOf(t, shares.get(t), { stepMs: usedMs, nowMs }));
  return {
    atMs,
    nowMs,
    recovery: forecast && { ...forecast, predicted: [...forecast.predicted], fromMs: atMs, actual },
  };
}

type Asked = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly filter: SegmentFilter;
};

async function sharesBy(store: ReadStore, tenant: TenantId, asked: Asked) {
  const { filter } = asked;
  const { rows, stepMs } = await store.readRollups(tenant, { ...alignWindow(asked), filter });
  const counts = new Map<number, Counts>();
  for (const row of rows) {
    if (row.excluded) continue;
    const of = counts.get(row.bucketStartMs) ?? noCounts();
    counts.set(row.bucketStartMs, addResult(of, row, row.count));
  }
  return { shares: new Map([...counts].map(([t, of]) => [t, resumeShare(of)])), stepMs };
}

/** Ages of tickets that resumed in the day before, seconds; null where none were told. */
async function agesBefore(
  store: ReadStore,
  tenant: TenantId,
  { atMs, filter }: { atMs: number; filter: SegmentFilter },
): Promise<Histogram | null> {
  const { rows } = await store.readRollups(tenant, {
    ...alignWindow({ fromMs: atMs - AGES_MS, toMs: atMs - HOUR_MS, stepMs: HOUR_MS }),
    filter,
    outcomes: ["resumed"],
    histograms: ["ticketAgeS"],
    views: "all",
  });
  const ages = new Histogram();
  for (const row of rows) if (row.ticketAgeS && !row.excluded) ages.merge(row.ticketAgeS);
  return ages.count > 0 ? ages : null;
}

function pointOf(
  t: number,
  share: Share = { k: 0, n: 0 },
  { stepMs, nowMs }: { stepMs: number; nowMs: number },
) {
  return {
    t,
    value: rateOf(share),
    count: share.n,
    ...(wilson(share.k, share.n) ?? { low: null, high: null }),
    ...(t + stepMs > nowMs ? { partial: true } : {}),
  };
}

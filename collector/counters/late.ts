import { MAX_COUNT } from "../../lib/contract/ingest.ts";
import type { CounterState } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";
import { type NewReading, wholeNumbers } from "./reading.ts";

/** What was made of a moment so far: a reading of it may come in several deliveries. */
export type Moment = Pick<NewReading, "fromMs" | "totals"> & {
  /** Names that were told of it. */
  readonly told: ReadonlySet<string>;
};

/**
 * What of an observation is new: all of a later one, nothing of an earlier one, and of one of the same moment the names
 * that were not told of it yet. Null for nothing.
 */
export function newsIn(
  observation: Observation,
  known: { readonly state: CounterState | null; readonly moment: Moment | null },
): Observation | null {
  const { state, moment } = known;
  if (state === null || observation.atMs > state.atMs) return observation;
  if (observation.atMs < state.atMs || moment === null) return null;
  const untold = (of: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(of).filter(([name]) => !moment.told.has(name)));
  const [totals, increases] = [untold(observation.totals), untold(observation.increases)];
  const isNews = Object.keys(totals).length + Object.keys(increases).length > 0;
  return isNews ? { ...observation, totals, increases } : null;
}

/**
 * Compares names of a moment of which others were told before. Whether the process was started again is known from them;
 * where it is not, a total that fell began at zero. A name without a last total has its baseline now. Pure.
 */
export function compareLate(
  observation: Observation,
  known: { readonly state: CounterState; readonly moment: Moment; readonly keepsCounters: boolean },
): NewReading {
  const { state, moment, keepsCounters } = known;
  const totals = wholeNumbers(observation.totals, Math.floor);
  const grown = Object.entries(totals).map(([name, total]) => {
    const last = state.totals[name];
    if (last === undefined) return [name, 0] as const;
    if (total < last) return [name, keepsCounters ? 0 : total] as const;
    return [name, total - last] as const;
  });
  const told = Object.entries(wholeNumbers(observation.increases, Math.round));
  return {
    kind: "reading",
    state: { ...state, totals: { ...state.totals, ...totals } },
    increases: Object.fromEntries([...grown, ...told].filter(([, count]) => count > 0 && count <= MAX_COUNT)),
    fromMs: moment.fromMs,
    totals: moment.totals,
    breach: null,
  };
}

/** The moment with the names of one more observation of it. */
export function momentWith(observation: Observation, reading: NewReading, before: Moment | null): Moment {
  const told = new Set([
    ...(before?.told ?? []),
    ...Object.keys(observation.totals),
    ...Object.keys(observation.increases),
  ]);
  return { told, fromMs: reading.fromMs, totals: reading.totals };
}

/** Classes of traffic with what came and what is usual for each: the ground of everything "expected" in a read. */
import { addResult, type Counts, completed, noCounts, resumeShare } from "../domain/rates.ts";
import type { Dimension } from "../domain/vocabulary.ts";
import { type HourShare, USUAL_HOURS, usualRate } from "../stats/usual.ts";
import type { ReadStore, RollupRow, SegmentFilter, TenantId, Window } from "../store/port.ts";
import { getOrMake } from "./get-or-make.ts";
import { alignWindow } from "./window.ts";

export const HOUR_MS = 3_600_000;
/** Classes without a history may be this share of what came, else nothing is expected. */
const MOST_UNKNOWN = 0.2;

/** Handshakes of one class: an endpoint, or a client family and protocol within a filter. */
export type TrafficClass = {
  readonly group: RollupRow["group"];
  readonly steps: ReadonlyMap<number, Counts>;
  /** The usual resume rate at an hour (whole hours since the epoch); null where too little is known. */
  usual(hour: number): number | null;
  /** What came in an hour; null for nothing. */
  came(hour: number): HourShare | null;
};
export type TrafficClasses = {
  readonly window: Window;
  readonly resolutionMs: number;
  readonly classes: readonly TrafficClass[];
};

type Building = { group: RollupRow["group"]; steps: Map<number, Counts>; hours: Map<number, Counts> };

/**
 * Reads a window and the hours before it by class: by endpoint over the whole fleet (which is cheap), by family and protocol where
 * anything is filtered. Excluded families are in it only where families are filtered.
 */
export async function readTrafficClasses(
  store: ReadStore,
  tenant: TenantId,
  { window, filter }: { readonly window: Window; readonly filter: SegmentFilter },
): Promise<TrafficClasses> {
  const by: Dimension[] = Object.keys(filter).length > 0 ? ["family", "protocol"] : ["endpoint"];
  const now = await store.readRollups(tenant, { ...window, by, filter });
  const hours = await store.readRollups(tenant, {
    ...alignWindow({
      fromMs: window.fromMs - USUAL_HOURS * HOUR_MS,
      toMs: window.toMs,
      stepMs: HOUR_MS,
    }),
    by,
    filter,
  });
  const everybody = filter.family !== undefined;
  const found = new Map<string, Building>();
  const classOf = ({ group }: RollupRow): Building =>
    getOrMake(found, JSON.stringify(group), () => ({ group, steps: new Map(), hours: new Map() }));
  for (const row of now.rows.filter(({ excluded }) => everybody || !excluded))
    addResult(getOrMake(classOf(row).steps, row.bucketStartMs, noCounts), row, row.count);
  for (const row of hours.rows.filter(({ excluded }) => everybody || !excluded))
    addResult(getOrMake(classOf(row).hours, row.bucketStartMs / HOUR_MS, noCounts), row, row.count);
  return {
    window: alignWindow({ ...window, stepMs: now.stepMs }),
    resolutionMs: now.resolutionMs,
    classes: [...found.values()].map(finish),
  };
}

function finish({ group, steps, hours }: Building): TrafficClass {
  const shares = new Map(
    [...hours].map(([hour, counts]) => [hour, { hour, ...resumeShare(counts) }] as const),
  );
  const list = [...shares.values()];
  const known = new Map<number, number | null>();
  return {
    group,
    steps,
    usual: (hour) => getOrMake(known, hour, () => usualRate(list, hour)),
    came: (hour) => shares.get(hour) ?? null,
  };
}

/** Resumed handshakes expected of some that came, over classes that have a history, and those of all; null where too few have one. */
export function expectedOf(
  parts: readonly { readonly of: TrafficClass; readonly n: number }[],
  hour: number,
): { readonly rate: number; readonly n: number } | null {
  let [all, known, expected] = [0, 0, 0];
  for (const { of, n } of parts) {
    all += n;
    const usual = n > 0 ? of.usual(hour) : null;
    if (usual === null) continue;
    known += n;
    expected += n * usual;
  }
  return known === 0 || known < (1 - MOST_UNKNOWN) * all ? null : { rate: expected / known, n: all };
}

/** Completed handshakes of a class in a step. */
export function cameIn(of: TrafficClass, t: number): number {
  const counts = of.steps.get(t);
  return counts ? completed(counts) : 0;
}

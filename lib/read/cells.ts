/** Sums over one window by cell (endpoint × node × region × family × protocol), read once and split in memory. */
import { addResult, type Counts, noCounts } from "../domain/rates.ts";
import {
  RESOLUTIONS_MS,
  type ReadStore,
  type ResolutionMs,
  type RollupRow,
  type SegmentFilter,
  type TenantId,
} from "../store/port.ts";

export const CELL_DIMENSIONS = ["endpoint", "node", "region", "family", "protocol"] as const;
export type CellDimension = (typeof CELL_DIMENSIONS)[number];

/** [fromMs, toMs), whole buckets of `resolutionMs`. */
export type CellWindow = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolutionMs: ResolutionMs;
};

/**
 * Steps that are read from buckets of one width only, and are long: the store takes the coarsest buckets that divide a step, so
 * a step that no coarser width divides keeps the window's ends exact.
 */
export const SUM_STEP_MS: Readonly<Record<ResolutionMs, number>> = {
  10000: 590_000,
  60000: 3_540_000,
  3600000: 86_400_000,
};

/** Rows of a window by cell; several of the same cell where the window is longer than a step. Empty for an empty window. */
export async function readCells(
  store: ReadStore,
  tenant: TenantId,
  query: CellWindow & { readonly filter: SegmentFilter; readonly everybody: boolean },
): Promise<readonly RollupRow[]> {
  const { fromMs, toMs, resolutionMs, filter, everybody } = query;
  if (toMs <= fromMs) return [];
  const stepMs = SUM_STEP_MS[resolutionMs];
  const { rows } = await store.readRollups(tenant, { fromMs, toMs, stepMs, filter, by: CELL_DIMENSIONS });
  return everybody ? rows : rows.filter(({ excluded }) => !excluded);
}

/** The finest resolution that is still kept for a moment, but none finer than `leastMs`. */
export async function resolutionAt(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly fromMs: number; readonly leastMs: ResolutionMs },
): Promise<ResolutionMs> {
  const { fromMs, leastMs } = at;
  // The step that only this resolution (or a coarser one, if it has to be) serves.
  const stepMs = SUM_STEP_MS[leastMs];
  const { resolutionMs } = await store.readRollups(tenant, {
    fromMs,
    toMs: fromMs + RESOLUTIONS_MS[0],
    stepMs,
  });
  return resolutionMs;
}

/** Rows by whatever a key says; counts of each group. */
export function countsBy<K>(rows: readonly RollupRow[], keyOf: (row: RollupRow) => K): Map<K, Counts> {
  const groups = new Map<K, Counts>();
  for (const row of rows) {
    const key = keyOf(row);
    const counts = groups.get(key);
    if (counts) addResult(counts, row, row.count);
    else groups.set(key, addResult(noCounts(), row, row.count));
  }
  return groups;
}

/** Counts of all rows together. */
export function countsOf(rows: readonly RollupRow[]): Counts {
  return rows.reduce<Counts>((counts, row) => addResult(counts, row, row.count), noCounts());
}

/**
 * What an engine of its own for sums has to do: minutes and hours of every grain lie there instead of in the database file, which
 * keeps everything else (docs/decisions/022-clickhouse.md). Numbers of segments, endpoints and results are the file's.
 */
import type { Span } from "../domain/spans.ts";
import type { Histogram } from "../stats/histogram.ts";
import type { CellTable } from "./cell-table.ts";
import type { HistogramMetric, ResolutionMs, TenantId } from "./port.ts";

/** Sums of one step, group and result. */
export type StepSum = {
  readonly stepIndex: number;
  readonly code: number;
  readonly resultId: number;
  count: number;
  lastBucketMs: number;
  readonly histograms: (Histogram | null)[];
};

/** Sums of one tier that a block of cells adds. */
export type TierSums = {
  readonly tierId: number;
  readonly resolutionMs: ResolutionMs;
  readonly sums: CellTable;
  readonly cells: readonly number[];
};

/** Blocks of cells of one day. A block's number is never given to another. */
export type Shipment = {
  readonly tenant: TenantId;
  /** Start of the day (UTC). */
  readonly dayMs: number;
  /** Oldest first: a shipment that is tried again begins with the same one, whatever has come since. */
  readonly blocks: readonly number[];
  /** What some of the blocks sum up to. */
  sum(blocks: readonly number[]): readonly TierSums[];
};

/** Rows of one tier, and the code of the group that each belongs to. */
export type SumPart = {
  readonly tierId: number;
  /** Which number has a code; `class`: the number in the segment's place is the code. */
  readonly by: "segment" | "endpoint" | "class";
  readonly codes: ReadonlyMap<number, number>;
  /** Endpoints that rows lie under; 0: sums over all. */
  readonly endpoints: readonly number[];
  /** Segments' spans that do not count. */
  readonly hidden: ReadonlyMap<number, readonly Span[]>;
};

export type SumQuery = {
  readonly tenant: TenantId;
  readonly resolutionMs: ResolutionMs;
  readonly stepMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly results: readonly number[];
  readonly parts: readonly SumPart[];
  readonly histograms: readonly HistogramMetric[];
  /** Which blocks from this number on are in the sums is told too. */
  readonly sinceBlock: number;
};

export type FarExtent = {
  readonly firstHourMs: number | null;
  readonly lastMinuteMs: number | null;
  readonly lastHourMs: number | null;
};

/** Every call throws a WorldError where the engine cannot be reached or refuses. */
export interface FarSums {
  /**
   * Makes tables, or brings them forward; refuses what belongs to another installation (a random number). Answers the highest
   * number of a block that is in the sums, 0 where there is none.
   */
  prepare(installation: number): Promise<{ readonly lastBlock: number }>;
  /** Adds what blocks sum up to, each once, however often it is asked to. */
  add(shipment: Shipment): Promise<void>;
  /** Sums and the blocks that are in them, as they were at one moment. */
  read(query: SumQuery): Promise<{ readonly rows: StepSum[]; readonly blocks: ReadonlySet<number> }>;
  extent(tenant: TenantId): Promise<FarExtent>;
  /** Deletes rows before a moment, of one tenant or of everybody (null); how many, by resolution. */
  retain(before: {
    readonly tenant: TenantId | null;
    readonly resolutionMs: ResolutionMs;
    readonly ms: number;
  }): Promise<number>;
  /** Deletes all rows of a tenant; how many. */
  erase(tenant: TenantId): Promise<number>;
  close(): Promise<void>;
}

/** A row of sums as the database file holds it, to be moved. */
export type MovedRow = {
  readonly tierId: number;
  readonly tenant: TenantId;
  readonly endpointId: number;
  readonly bucketStartMs: number;
  readonly segmentId: number;
  readonly resultId: number;
  readonly count: number;
  /** In the order of HISTOGRAM_METRICS, encoded. */
  readonly histograms: readonly (Uint8Array | null)[];
};

/** A stretch of time of one resolution that is moved, and compared, as a whole. */
export type MovedStretch = { readonly resolutionMs: ResolutionMs; readonly fromMs: number };

/** By tier: handshakes, what histograms count, and the sum of what they measured. */
export type MovedTotals = ReadonlyMap<number, readonly [count: number, weight: number, sum: number]>;

/** Moving sums from the database file to an engine of their own. Every call throws a WorldError where that one fails. */
export interface FarMove {
  /** How long a stretch is. Stretches begin at multiples of it. */
  stretchMs(resolutionMs: ResolutionMs): number;
  isMoved(stretch: MovedStretch): Promise<boolean>;
  /** Takes away what an earlier try left. */
  clear(stretch: MovedStretch): Promise<void>;
  /** Adds rows of one stretch. */
  put(stretch: MovedStretch, rows: readonly MovedRow[]): Promise<void>;
  totals(stretch: MovedStretch): Promise<MovedTotals>;
  /** Notes that the stretch is there and was compared. */
  noteMoved(stretch: MovedStretch): Promise<void>;
}

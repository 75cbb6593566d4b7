/** How long data is kept, and what upkeep did. */

/** Days or hours that each kind of row is kept, milliseconds. */
export type Retention = {
  readonly tenSecondsMs: number;
  readonly minutesMs: number;
  readonly hoursMs: number;
  readonly samplesMs: number;
  readonly batchesMs: number;
};

export type CompactionReport = { readonly compactedUntilMs: number; readonly cellsRead: number };
export type RetentionReport = { readonly deleted: Readonly<Record<string, number>> };

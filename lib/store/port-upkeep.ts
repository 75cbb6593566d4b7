import type { TenantId } from "./port.ts";

/** How long data is kept, and what upkeep did. */

/** Days or hours that each kind of row is kept, milliseconds. */
export type Retention = {
  readonly tenSecondsMs: number;
  readonly minutesMs: number;
  readonly hoursMs: number;
  readonly samplesMs: number;
  readonly batchesMs: number;
};

/** What a tenant keeps for a shorter time than the installation does; null: as long as that. Milliseconds. */
export type TenantRetention = { readonly historyMs: number | null; readonly samplesMs: number | null };

export interface RetentionReader {
  /** What this tenant decided; both null where it decided nothing. */
  readRetention(tenant: TenantId): Promise<TenantRetention>;
}

/** What every opening of the store reads of retention. */
export interface RetainedStore {
  readonly retention: RetentionReader;
}

export interface RetentionActor {
  /** Decides for a tenant; both null goes back to the installation's. Rows go with the next upkeep. */
  saveRetention(tenant: TenantId, retention: TenantRetention): Promise<void>;
}

export type CompactionReport = { readonly compactedUntilMs: number; readonly cellsRead: number };
export type RetentionReport = { readonly deleted: Readonly<Record<string, number>> };

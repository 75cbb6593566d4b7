/** How failed handshakes failed: by TLS alert or failure text, which are no part of a rollup's result. */

import type { Vantage } from "../domain/vocabulary.ts";

/** Failed handshakes of one alert at one endpoint in one bucket. */
export type TlsAlertCount = {
  readonly bucketStartMs: number;
  readonly endpoint: string | null;
  /** The view that told it: others may tell of the same handshakes. */
  readonly vantage: Vantage;
  readonly alert: string;
  readonly count: number;
};

/** Width of the stored buckets, milliseconds. They are kept as long as rollups of a minute. */
export const TLS_ALERT_BUCKET_MS = 60_000;

/** Reads. `tenant` is a TenantId of the port. */
export interface TlsAlertReader {
  /** Sums by steps (of epoch time), view and alert within [fromMs, toMs), in the order of time; at one endpoint, or at all. */
  readTlsAlerts(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      /** A multiple of a minute. */
      readonly stepMs: number;
      readonly endpoints?: readonly (string | null)[];
    },
  ): Promise<readonly Omit<TlsAlertCount, "endpoint">[]>;
}

import type { Cell, TenantId } from "../port.ts";
import type { Sql } from "./client.ts";
import type { Interner } from "./interner.ts";
import { COMPACTED, endpointColumn, segmentColumn, TEN_SECONDS, type Tier } from "./tiers.ts";

/** Adds to a cell that may exist: counts and histograms are sums, so order and lateness do not matter. */
export const ADD_ON_CONFLICT = `ON CONFLICT DO UPDATE SET
  "count" = "count" + excluded."count",
  "handshakeUs" = hist_merge("handshakeUs", excluded."handshakeUs"),
  "ttfbUs" = hist_merge("ttfbUs", excluded."ttfbUs"),
  "ticketAgeS" = hist_merge("ticketAgeS", excluded."ticketAgeS")`;

export const ROLLUP_COLUMNS = `"tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId", "count",
  "handshakeUs", "ttfbUs", "ticketAgeS"`;

const INSERT_TEN_SECONDS = `INSERT INTO "Rollup" (${ROLLUP_COLUMNS})
  SELECT ${TEN_SECONDS.id}, ?, value->>0, value->>1, value->>2, value->>3, value->>4,
    unhex(value->>5), unhex(value->>6), unhex(value->>7)
  FROM json_each(?) WHERE true ${ADD_ON_CONFLICT}`;

// The rows as a table `r` with the columns of Rollup, for summing into a coarser tier.
const ROWS = `(SELECT value->>0 AS "endpointId", value->>1 AS "bucketStartMs", value->>2 AS "segmentId",
    value->>3 AS "resultId", value->>4 AS "count", unhex(value->>5) AS "handshakeUs",
    unhex(value->>6) AS "ttfbUs", unhex(value->>7) AS "ticketAgeS" FROM json_each(?)) r`;

/** SQL that sums rows `r` (joined with their segment `s`) into one compacted tier. Parameter order: tenant, then rows. */
export function sumInto(tier: Tier, from: string, where: string): string {
  const segment = segmentColumn(tier.grain);
  return `INSERT INTO "Rollup" (${ROLLUP_COLUMNS})
    SELECT ${tier.id}, ?, ${endpointColumn(tier.grain)}, r."bucketStartMs" / ${tier.resolutionMs} * ${tier.resolutionMs},
      ${segment}, r."resultId", sum(r."count"), hist_sum(r."handshakeUs"), hist_sum(r."ttfbUs"),
      hist_sum(r."ticketAgeS")
    FROM ${from} JOIN "Segment" s ON s."id" = r."segmentId"
    WHERE ${where} GROUP BY 3, 4, 5, 6 ${ADD_ON_CONFLICT}`;
}

const INSERT_LATE = COMPACTED.map((tier) => ({ tier, sql: sumInto(tier, ROWS, "true") }));

export type RollupWrite = {
  readonly cells: readonly Cell[];
  /** Buckets before this are summed already, so cells there go into every tier at once. */
  readonly compactedUntilMs: number;
  /** Oldest bucket that each resolution still keeps, by resolution. */
  readonly keptFromMs: (resolutionMs: number) => number;
};

/** Adds cells to the rollups: one statement for what is on time, one more a tier for what came late. */
export async function writeRollups(
  sql: Sql,
  tenant: TenantId,
  write: RollupWrite & { readonly interner: Interner },
): Promise<void> {
  const late = write.cells.filter((cell) => cell.bucketStartMs < write.compactedUntilMs);
  const keptFromMs = write.keptFromMs(TEN_SECONDS.resolutionMs);
  const fine = late.length
    ? write.cells.filter((c) => c.bucketStartMs >= Math.min(keptFromMs, write.compactedUntilMs))
    : write.cells;
  if (fine.length) await sql.$executeRawUnsafe(INSERT_TEN_SECONDS, tenant, rowsOf(fine, write.interner));
  for (const { tier, sql: statement } of late.length ? INSERT_LATE : []) {
    const kept = late.filter((c) => c.bucketStartMs >= write.keptFromMs(tier.resolutionMs));
    if (kept.length) await sql.$executeRawUnsafe(statement, tenant, rowsOf(kept, write.interner));
  }
}

function rowsOf(cells: readonly Cell[], interner: Interner): string {
  const rows = cells.map((cell) => {
    const endpointId = interner.segments.get(cell.segmentId)?.endpointId ?? null;
    return `[${endpointId},${cell.bucketStartMs},${cell.segmentId},${cell.resultId},${cell.count},${hex(cell.handshakeUs)},${hex(cell.ttfbUs)},${hex(cell.ticketAgeS)}]`;
  });
  return `[${rows.join(",")}]`;
}

function hex(bytes: Uint8Array | null): string {
  return bytes === null
    ? "null"
    : `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}"`;
}

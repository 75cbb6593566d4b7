import type { CompactionReport } from "../port-upkeep.ts";
import { queryJson, type Sql } from "./client.ts";
import { COMPACTED, TEN_SECONDS } from "./tiers.ts";
import { sumInto } from "./write-rollups.ts";

/** Events this recent are left in the ten-second tier: most late ones then cost one row, not seven. */
export const GRACE_MS = 20_000;
/** Longest span that one transaction sums, so that a long pause of the collector is caught up in portions. */
export const PORTION_MS = 600_000;

const WATERMARK = "compactedUntilMs";

// Endpoint outermost: each is one seek in the key; a scan by time alone would read the whole tier.
const CLOSED = `"Endpoint" e CROSS JOIN "Rollup" r ON r."tier" = ${TEN_SECONDS.id} AND r."tenantId" = e."tenantId"
  AND r."endpointId" = e."id" AND r."bucketStartMs" >= ? AND r."bucketStartMs" < ?`;
const COMPACT = COMPACTED.map((tier) => sumInto(tier, CLOSED, 'e."tenantId" = ?'));

/** Everything before this bucket start is in the compacted tiers. */
export async function readWatermark(sql: Sql): Promise<number | null> {
  const [value] = await queryJson<number>(
    sql,
    `SELECT json_group_array("value") AS json FROM "Meta" WHERE "name" = '${WATERMARK}'`,
  );
  return value ?? null;
}

export async function writeWatermark(sql: Sql, untilMs: number): Promise<void> {
  await sql.$executeRawUnsafe(
    `INSERT INTO "Meta" ("name", "value") VALUES ('${WATERMARK}', ?)
     ON CONFLICT DO UPDATE SET "value" = excluded."value"`,
    untilMs,
  );
}

/** The bucket start up to which ten-second rows are ready to be summed at `nowMs`. */
export function readyUntilMs(nowMs: number): number {
  return Math.floor((nowMs - GRACE_MS) / TEN_SECONDS.resolutionMs) * TEN_SECONDS.resolutionMs;
}

/**
 * Sums one portion of closed ten-second rows into every compacted tier and moves the watermark, in the caller's
 * transaction: a crash leaves either all of it or nothing, so no row is ever summed twice.
 */
export async function compactPortion(sql: Sql, fromMs: number, readyMs: number): Promise<CompactionReport> {
  const untilMs = Math.min(readyMs, fromMs + PORTION_MS);
  const tenants = await queryJson<number>(sql, `SELECT json_group_array("id") AS json FROM "Tenant"`);
  let cellsRead = 0;
  for (const tenant of tenants)
    for (const statement of COMPACT)
      cellsRead += await sql.$executeRawUnsafe(statement, tenant, fromMs, untilMs, tenant);
  await writeWatermark(sql, untilMs);
  return { compactedUntilMs: untilMs, cellsRead };
}

/** Start of the oldest ten-second row at or after `fromMs`, to skip empty time; null when there is none. */
export async function oldestRowMs(sql: Sql, fromMs: number): Promise<number | null> {
  const [value] = await queryJson<number | null>(
    sql,
    `SELECT json_array(min(oldest)) AS json FROM (SELECT (SELECT min(r."bucketStartMs") FROM "Rollup" r
      WHERE r."tier" = ${TEN_SECONDS.id} AND r."tenantId" = e."tenantId" AND r."endpointId" = e."id"
      AND r."bucketStartMs" >= ?) AS oldest FROM "Endpoint" e)`,
    fromMs,
  );
  return value ?? null;
}

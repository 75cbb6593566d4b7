import { queryJson, type Sql } from "./client.ts";

const NAME = "marginalsFromMs";
const HOUR_MS = 3_600_000;

/**
 * Since when rows by node, region, family and protocol are complete, epoch milliseconds: from the beginning in a new file, from the
 * next hour on in one that an earlier release wrote to.
 */
export async function readMarginalsFromMs(sql: Sql): Promise<number> {
  const [ms] = await queryJson<number>(
    sql,
    `SELECT json_group_array("value") AS json FROM "Meta" WHERE "name" = '${NAME}'`,
  );
  return ms ?? Number.POSITIVE_INFINITY;
}

/** Notes that they are written from now on. Does nothing where that was noted before. */
export async function beginMarginals(sql: Sql, nowMs: number): Promise<void> {
  const [isUsed] = await queryJson<number>(
    sql,
    `SELECT json_group_array(1) AS json FROM (SELECT 1 FROM "Rollup" LIMIT 1)`,
  );
  const fromMs = isUsed ? (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS : 0;
  await sql.$executeRawUnsafe(`INSERT OR IGNORE INTO "Meta" ("name", "value") VALUES ('${NAME}', ?)`, fromMs);
}

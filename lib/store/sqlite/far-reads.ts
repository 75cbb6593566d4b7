import type { FarSums, StepSum, SumQuery } from "../far-sums.ts";
import { queryJson, type Sql } from "./client.ts";
import { type StepPlan, withCells } from "./step-sums.ts";
import { SUMMED } from "./ten-seconds.ts";

/** What is asked of the far engine, and of the blocks that are not in its sums. */
export type FarPlan = {
  readonly query: Omit<SumQuery, "sinceBlock">;
  /** Endpoints whose cells are wanted, as JSON; null: all. */
  readonly endpoints: string | null;
  readonly cells: StepPlan;
};

/**
 * Sums of another engine, and the cells that are not in them, each exactly once although there is no common snapshot. Every block
 * below `sinceBlock` is in the sums by the time that they are read; of later ones the answer tells which are. The rest is in
 * the file, read last: there a block stays for a while after it was summed, and what was put together again (a stage of its
 * own) had been summed long before.
 */
export async function readFarSums(sql: Sql, far: FarSums, plan: FarPlan): Promise<StepSum[]> {
  const sinceBlock = await firstOpenBlock(sql);
  const { rows, blocks } = await far.read({ ...plan.query, sinceBlock });
  const { tenant, fromMs, toMs } = plan.query;
  const [rest] = await sql.$queryRawUnsafe<{ blocks: Uint8Array | null }[]>(
    `SELECT block_list("cells", ?) AS blocks FROM "CellBlock" WHERE "tenantId" = ? AND "toMs" > ? AND "fromMs" < ?
     AND ("stage" < ${SUMMED} OR ("stage" = ${SUMMED} AND "id" >= ?)) AND "id" NOT IN (SELECT value FROM json_each(?))`,
    ...[plan.endpoints, tenant, fromMs, toMs, sinceBlock, JSON.stringify([...blocks])],
  );
  return rest?.blocks ? withCells(rows, rest.blocks, plan.cells) : rows;
}

/** The lowest number of a block that is not known to be summed; the next one where all are. */
async function firstOpenBlock(sql: Sql): Promise<number> {
  const [open, last] = await queryJson<number | null>(
    sql,
    `SELECT json_array((SELECT min("id") FROM "CellBlock" WHERE "stage" < ${SUMMED}),
       (SELECT seq FROM sqlite_sequence WHERE name = 'CellBlock')) AS json`,
  );
  return open ?? (last ?? 0) + 1;
}

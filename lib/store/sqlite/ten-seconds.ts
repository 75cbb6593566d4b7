/** The finest tier: blocks of packed cells, as commits bring them and as compaction leaves them (docs/decisions/001-rollup-layout.md). */
import { BUCKET_MS, packCells } from "../cell-block.ts";
import type { Cell, Commit, TenantId } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";

/** How long a block is that compaction has made. */
export const BLOCK_MS = 60_000;

/** What has become of a block: as a commit brought it; put together with others; in the rollups too; that, and put together again. */
export const COMMITTED = 0;
export const GATHERED = 1;
export const SUMMED = 2;
export const TIDIED = 3;
/** The part of a block with cells of any endpoint. */
export const ALL_PARTS = 0;

const INSERT = `INSERT INTO "CellBlock" ("tenantId", "fromMs", "toMs", "stage", "part", "cells")
  VALUES (?, ?, ?, ?, ?, ?)`;

/** Keeps what one commit brings: a row or two, however many cells; nobody has summed them yet. */
export async function writeCells(
  sql: Sql,
  tenant: TenantId,
  { cells, packed }: Pick<Commit, "cells" | "packed">,
): Promise<void> {
  const blocks = [
    ...(cells.length > 0 ? [{ ...extentOf(cells), bytes: packCells(cells) }] : []),
    ...(packed ? [packed] : []),
  ];
  for (const { bytes, ...window } of blocks)
    await writeBlock(sql, tenant, { ...window, stage: COMMITTED, part: ALL_PARTS, cells: bytes });
}

function extentOf(cells: readonly Cell[]): { fromMs: number; toMs: number } {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
  for (const { bucketStartMs } of cells) {
    fromMs = Math.min(fromMs, bucketStartMs);
    toMs = Math.max(toMs, bucketStartMs + BUCKET_MS);
  }
  return { fromMs, toMs };
}

export type NewBlock = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stage: number;
  readonly part: number;
  readonly cells: Uint8Array;
};

/** Keeps packed cells that lie within [fromMs, toMs). */
export async function writeBlock(
  sql: Sql,
  tenant: TenantId,
  { fromMs, toMs, stage, part, cells }: NewBlock,
): Promise<void> {
  await sql.$executeRawUnsafe(INSERT, tenant, fromMs, toMs, stage, part, cells);
}

export type Block = { readonly id: number; readonly cells: Uint8Array };
export type SpannedBlock = Block & { readonly spanMs: number };

/** Blocks by SQL conditions, at most `limit`, in the order in which they came. */
export async function readBlocks(
  sql: Sql,
  where: string,
  { parameters, limit }: { readonly parameters: readonly unknown[]; readonly limit: number },
): Promise<SpannedBlock[]> {
  const rows = await sql.$queryRawUnsafe<
    { id: number | bigint; spanMs: number | bigint; cells: Uint8Array }[]
  >(
    `SELECT "id", "toMs" - "fromMs" AS "spanMs", "cells" FROM "CellBlock" WHERE ${where} ORDER BY "id" LIMIT ${limit}`,
    ...parameters,
  );
  return rows.map(({ id, spanMs, cells }) => ({ id: Number(id), spanMs: Number(spanMs), cells }));
}

export async function deleteBlocks(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `DELETE FROM "CellBlock" WHERE "id" IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
}

/** Notes that blocks are in the rollups. */
export async function markSummed(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `UPDATE "CellBlock" SET "stage" = ${SUMMED} WHERE "id" IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
}

/** Tenants with blocks that fit. */
export function tenantsWith(sql: Sql, where: string): Promise<TenantId[]> {
  return queryJson<TenantId>(
    sql,
    `SELECT json_group_array("tenantId") AS json FROM (SELECT DISTINCT "tenantId" FROM "CellBlock" WHERE ${where})`,
  );
}

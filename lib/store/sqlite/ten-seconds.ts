/** The finest tier: blocks of packed cells, as commits bring them and as compaction leaves them (docs/decisions/001-rollup-layout.md). */
import type { Cell, TenantId } from "../port.ts";
import { packByEndpoint, packCells } from "./cell-block.ts";
import type { CellSums } from "./cell-sums.ts";
import { queryJson, type Sql } from "./client.ts";

/** The resolution of cells, and how long a block is that compaction has made. */
export const BUCKET_MS = 10_000;
export const BLOCK_MS = 60_000;

const INSERT = `INSERT INTO "CellBlock" ("tenantId", "fromMs", "toMs", "summed", "cells") VALUES (?, ?, ?, ?, ?)`;

/** Keeps what one commit brings: one row, however many cells; nobody has summed it yet. */
export async function writeCells(sql: Sql, tenant: TenantId, cells: readonly Cell[]): Promise<void> {
  if (cells.length === 0) return;
  const { fromMs, toMs } = extentOf(cells);
  await sql.$executeRawUnsafe(INSERT, tenant, fromMs, toMs, 0, packCells(cells));
}

function extentOf(cells: readonly Cell[]): { fromMs: number; toMs: number } {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
  for (const { bucketStartMs } of cells) {
    fromMs = Math.min(fromMs, bucketStartMs);
    toMs = Math.max(toMs, bucketStartMs + BUCKET_MS);
  }
  return { fromMs, toMs };
}

/** Keeps sums of cells within [fromMs, toMs) as one block. */
export async function writeBlock(
  sql: Sql,
  tenant: TenantId,
  block: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly summed: boolean;
    readonly sums: CellSums;
  },
): Promise<void> {
  const cells = packByEndpoint(
    block.sums.byEndpoint(({ bucketStartMs }) => bucketStartMs >= block.fromMs && bucketStartMs < block.toMs),
  );
  await sql.$executeRawUnsafe(INSERT, tenant, block.fromMs, block.toMs, block.summed ? 1 : 0, cells);
}

export type Block = { readonly id: number; readonly cells: Uint8Array };

/** Blocks by SQL conditions, at most `limit`, in the order in which they came. */
export async function readBlocks(
  sql: Sql,
  where: string,
  { parameters, limit }: { readonly parameters: readonly unknown[]; readonly limit: number },
): Promise<Block[]> {
  const rows = await sql.$queryRawUnsafe<{ id: number | bigint; cells: Uint8Array }[]>(
    `SELECT "id", "cells" FROM "CellBlock" WHERE ${where} ORDER BY "id" LIMIT ${limit}`,
    ...parameters,
  );
  return rows.map(({ id, cells }) => ({ id: Number(id), cells }));
}

export async function deleteBlocks(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `DELETE FROM "CellBlock" WHERE "id" IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
}

/** Tenants with blocks that fit. */
export function tenantsWith(sql: Sql, where: string, ...parameters: readonly unknown[]): Promise<TenantId[]> {
  return queryJson<TenantId>(
    sql,
    `SELECT json_group_array("tenantId") AS json FROM (SELECT DISTINCT "tenantId" FROM "CellBlock" WHERE ${where})`,
    ...parameters,
  );
}

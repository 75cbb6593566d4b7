import { invariant, WorldError } from "../../runtime/invariant.ts";
import type { FarSums, TierSums } from "../far-sums.ts";
import type { ResolutionMs, TenantId } from "../port.ts";
import type { Retention } from "../port-upkeep.ts";
import { queryJson, type Sql } from "./client.ts";
import { type Compacting, sumsOf } from "./compact.ts";
import { shortened } from "./retain.ts";
import { readRetentions } from "./retention.ts";
import { type Block, GATHERED } from "./ten-seconds.ts";

const FAR = "farSums";
const INSTALLATION = "installation";

const DAY_MS = 86_400_000;
/** Most blocks, and bytes of them, that go in one shipment. */
const SHIP_BLOCKS = 64;
const SHIP_BYTES = 2_000_000;

export type Ready = { readonly dayMs: number; readonly blocks: readonly Block[] };

/** The oldest gathered blocks that are ready, of one day, as many as may go together; null: there are none. */
export async function nextGathered(sql: Sql, { tenant, readyMs }: Compacting): Promise<Ready | null> {
  const rows = await sql.$queryRawUnsafe<
    { id: number | bigint; fromMs: number | bigint; cells: Uint8Array }[]
  >(
    `SELECT "id", "fromMs", "cells" FROM "CellBlock" WHERE "tenantId" = ? AND "stage" = ${GATHERED} AND "toMs" <= ?
     ORDER BY "id" LIMIT ${SHIP_BLOCKS}`,
    ...[tenant, readyMs],
  );
  const dayOf = (fromMs: number | bigint): number => Math.floor(Number(fromMs) / DAY_MS) * DAY_MS;
  const [first] = rows;
  if (!first) return null;
  const dayMs = dayOf(first.fromMs);
  const blocks: Block[] = [];
  let bytes = 0;
  for (const { id, fromMs, cells } of rows) {
    bytes += cells.length;
    if (dayOf(fromMs) !== dayMs || (blocks.length > 0 && bytes > SHIP_BYTES)) break;
    blocks.push({ id: Number(id), cells });
  }
  return { dayMs, blocks };
}

/** Adds gathered blocks to the far engine's sums; answers how many cells they hold. */
export async function ship(far: FarSums, { dayMs, blocks }: Ready, compacting: Compacting): Promise<number> {
  const { cellsRead, tiers } = sumsOf(blocks, compacting);
  const sum = (ids: readonly number[]): readonly TierSums[] => {
    if (ids.length === blocks.length) return tiers;
    const some = blocks.filter(({ id }) => ids.includes(id));
    return sumsOf(some, compacting).tiers;
  };
  await far.add({ tenant: compacting.tenant, dayMs, blocks: blocks.map(({ id }) => id), sum });
  return Math.max(1, cellsRead);
}

/**
 * Holds a file to where its sums lie, in the caller's transaction: those in the file are not in the other engine, and the other way
 * round. Throws a WorldError with what to do.
 */
export async function holdTo(sql: Sql, farToo: boolean): Promise<void> {
  const [wasFar, hasRows] = await queryJson<number>(
    sql,
    `SELECT json_array(EXISTS (SELECT 1 FROM "Meta" WHERE "name" = '${FAR}'),
       EXISTS (SELECT 1 FROM "Rollup")) AS json`,
  );
  if (!farToo && wasFar === 1)
    throw new WorldError("The sums of this data folder are in ClickHouse: set REPRISE_STORE_URL as before.", {
      retryable: false,
    });
  if (farToo && wasFar === 0 && hasRows === 1)
    throw new WorldError(
      "This data folder holds sums of its own, which are not in ClickHouse: run `reprise migrate-store`.",
      {
        retryable: false,
      },
    );
  if (farToo) await noteFar(sql);
  await sql.$executeRawUnsafe(
    `INSERT OR IGNORE INTO "Meta" ("name", "value") VALUES ('${INSTALLATION}', abs(random() % 9007199254740991) + 1)`,
  );
}

/** Whether the sums of a file lie in another engine. */
export async function isFar(sql: Sql): Promise<boolean> {
  const rows = await queryJson<number>(
    sql,
    `SELECT json_group_array(1) AS json FROM (SELECT 1 FROM "Meta" WHERE "name" = '${FAR}')`,
  );
  return rows.length > 0;
}

/** Notes that they do. */
export async function noteFar(sql: Sql): Promise<void> {
  await sql.$executeRawUnsafe(`INSERT OR IGNORE INTO "Meta" ("name", "value") VALUES ('${FAR}', 1)`);
}

/** The number of this installation, which was made when it was first opened. */
export async function readInstallation(sql: Sql): Promise<number> {
  const [installation] = await queryJson<number>(
    sql,
    `SELECT json_group_array("value") AS json FROM "Meta" WHERE "name" = '${INSTALLATION}'`,
  );
  invariant(installation !== undefined, "the installation has a number");
  return installation;
}

/** Refuses sums that are newer than the file: its numbers would be given out again. Throws a WorldError with what to do. */
export async function holdToBlocks(sql: Sql, { lastBlock }: { readonly lastBlock: number }): Promise<void> {
  const [last = 0] = await queryJson<number>(
    sql,
    `SELECT json_group_array(seq) AS json FROM sqlite_sequence WHERE name = 'CellBlock'`,
  );
  if (lastBlock > last)
    throw new WorldError(
      "The sums in ClickHouse are newer than this data folder, as after a restore: restore the ClickHouse database of the same time too, or name an empty one in REPRISE_STORE_URL.",
      { retryable: false },
    );
}

/** Retention of the far engine: the installation's, then a tenant's own where that is shorter. Rows by name, as in the file. */
export async function retainFar(
  far: FarSums,
  sql: Sql,
  { nowMs, retention }: { readonly nowMs: number; readonly retention: Retention },
): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  const pass = async (tenant: TenantId | null, kept: Retention): Promise<void> => {
    const tiers: [ResolutionMs, number][] = [
      [60_000, kept.minutesMs],
      [3_600_000, kept.hoursMs],
    ];
    for (const [resolutionMs, keptMs] of tiers) {
      const name = `rollup_${resolutionMs / 1000}s`;
      const rows = await far.retain({ tenant, resolutionMs, ms: nowMs - keptMs });
      deleted[name] = (deleted[name] ?? 0) + rows;
    }
  };
  await pass(null, retention);
  for (const { tenant, ...own } of await readRetentions(sql)) await pass(tenant, shortened(retention, own));
  return deleted;
}

import { addBlock, BUCKET_MS, packTable } from "../cell-block.ts";
import { CellTable } from "../cell-table.ts";
import type { TierSums } from "../far-sums.ts";
import type { TenantId } from "../port.ts";
import type { Sql } from "./client.ts";
import type { Interner } from "./interner.ts";
import {
  ALL_PARTS,
  BLOCK_MS,
  type Block,
  COMMITTED,
  deleteBlocks,
  GATHERED,
  markSummed,
  readBlocks,
  type SpannedBlock,
  SUMMED,
  TIDIED,
  tenantsWith,
  writeBlock,
} from "./ten-seconds.ts";
import { COMPACTED, type Grain, NO_ENDPOINT, ROLLUP_COLUMNS, type Tier } from "./tiers.ts";

/** Events this recent are left to gather: most late ones then share the sums of those that were on time. */
export const GRACE_MS = 20_000;
/** Most blocks that are gathered at once, most bytes and cells of them, and most minutes that may become of them. */
const GATHER_BLOCKS = 4_096;
const GATHER_BYTES = 16_000_000;
const GATHER_CELLS = 500_000;
const GATHER_MINUTES = 10_000;
/** Beyond so many cells, those of a minute are parted by endpoint: what one transaction sums, so that no push waits long behind it. */
const PART_CELLS = 10_000;
const PARTS = 64;
/** Most blocks that one transaction sums, and most bytes of more than one: history has minutes with a handshake or two. */
const SUM_BLOCKS = 500;
const SUM_BYTES = 50_000;
/** So many blocks of commits, or bytes of them, are put together before their minute is over: every reader opens them. */
const SCATTERED_BLOCKS = 500;
const SCATTERED_BYTES = 500_000;
/** What is small among blocks of a minute. */
const SMALL_BYTES = 10_000;
/** A minute to which late cells were added so often is put together again. */
const MOST_OF_MINUTE = 16;

/** Adds to a row that may exist: counts and histograms are sums, so order and lateness do not matter. */
const ADD_ROWS = `INSERT INTO "Rollup" (${ROLLUP_COLUMNS})
  SELECT ?, ?, "endpointId", "bucketStartMs", "segmentId", "resultId", "count", "handshakeUs", "ttfbUs", "ticketAgeS"
  FROM unpacked(?) WHERE true
  ON CONFLICT DO UPDATE SET "count" = "count" + excluded."count",
    "handshakeUs" = iif(excluded."handshakeUs" IS NULL, "handshakeUs", hist_merge("handshakeUs", excluded."handshakeUs")),
    "ttfbUs" = iif(excluded."ttfbUs" IS NULL, "ttfbUs", hist_merge("ttfbUs", excluded."ttfbUs")),
    "ticketAgeS" = iif(excluded."ticketAgeS" IS NULL, "ticketAgeS", hist_merge("ticketAgeS", excluded."ticketAgeS"))`;

/** The moment up to which cells are ready to be summed at `nowMs`: whole minutes, so that a row is written once for most. */
export function readyUntilMs(nowMs: number): number {
  return Math.floor((nowMs - GRACE_MS) / BLOCK_MS) * BLOCK_MS;
}

export type Compacting = {
  readonly tenant: TenantId;
  readonly interner: Interner;
  readonly readyMs: number;
  /** Oldest moment that a resolution still keeps, epoch ms. */
  readonly keptFromMs: (resolutionMs: number) => number;
};

/** Tenants that have cells in no row yet. */
export const tenantsToCompact = (sql: Sql): Promise<TenantId[]> => tenantsWith(sql, `"stage" < ${SUMMED}`);

const endpointIn =
  (interner: Interner) =>
  (segmentId: number): number =>
    interner.endpointOf(segmentId);

/**
 * Puts blocks of commits together into blocks of a minute, in the caller's transaction: those that are ready, or all where they are
 * many. False: there was nothing to do.
 */
export async function gatherBlocks(sql: Sql, { tenant, interner, readyMs }: Compacting): Promise<boolean> {
  const committed = `"tenantId" = ? AND "stage" = ${COMMITTED}`;
  const ready = { parameters: [tenant, readyMs], limit: GATHER_BLOCKS };
  const found = await readBlocks(sql, `${committed} AND "toMs" <= ?`, ready);
  const blocks = found.length > 0 ? found : await scattered(sql, tenant, committed);
  if (blocks.length === 0) return false;
  const table = new CellTable();
  await deleteBlocks(sql, takeInto(table, blocks, interner));
  for (const [fromMs, cells] of byMinute(table))
    for (const [part, own] of parted(table, cells))
      await writeBlock(sql, tenant, {
        ...{ fromMs, toMs: fromMs + BLOCK_MS, stage: GATHERED, part },
        cells: packTable(table, sortCells(table, own)),
      });
  return true;
}

/** Blocks of commits whose minute is not over, where they are so many that readers would notice. */
async function scattered(sql: Sql, tenant: TenantId, committed: string): Promise<SpannedBlock[]> {
  const [held] = await sql.$queryRawUnsafe<{ blocks: number | bigint; bytes: number | bigint }[]>(
    `SELECT count(*) AS blocks, coalesce(sum(length("cells")), 0) AS bytes FROM "CellBlock" WHERE ${committed}`,
    tenant,
  );
  const isMany = Number(held?.blocks) > SCATTERED_BLOCKS || Number(held?.bytes) > SCATTERED_BYTES;
  return isMany ? readBlocks(sql, committed, { parameters: [tenant], limit: GATHER_BLOCKS }) : [];
}

function parted(table: CellTable, cells: readonly number[]): Map<number, number[]> {
  if (cells.length <= PART_CELLS) return new Map([[ALL_PARTS, [...cells]]]);
  return Map.groupBy(cells, (cell) => 1 + (table.endpointOf(cell) % PARTS));
}

/** Adds as many blocks as may be gathered at once; answers their ids. */
function takeInto(table: CellTable, blocks: readonly SpannedBlock[], interner: Interner): number[] {
  const endpointOf = endpointIn(interner);
  const taken: number[] = [];
  let bytes = 0;
  let minutes = 0;
  for (const { id, spanMs, cells } of blocks) {
    bytes += cells.length;
    if (taken.length > 0 && (bytes > GATHER_BYTES || table.size > GATHER_CELLS || minutes > GATHER_MINUTES))
      break;
    const added = addBlock(table, cells, endpointOf);
    minutes += Math.min(added, Math.ceil(spanMs / BLOCK_MS));
    taken.push(id);
  }
  return taken;
}

/** Cells of each minute. */
function byMinute(table: CellTable): Map<number, number[]> {
  const minutes = new Map<number, number[]>();
  for (let cell = 0; cell < table.size; cell += 1) {
    const fromMs = Math.floor((table.bucketOf(cell) * BUCKET_MS) / BLOCK_MS) * BLOCK_MS;
    const minute = minutes.get(fromMs);
    if (minute) minute.push(cell);
    else minutes.set(fromMs, [cell]);
  }
  return minutes;
}

/** In the order of the key that rows have. */
function sortCells(table: CellTable, cells: number[]): number[] {
  return cells.sort(
    (a, b) =>
      table.endpointOf(a) - table.endpointOf(b) ||
      table.bucketOf(a) - table.bucketOf(b) ||
      table.segmentOf(a) - table.segmentOf(b) ||
      table.resultOf(a) - table.resultOf(b),
  );
}

/**
 * Sums the oldest gathered blocks that are ready into every compacted tier, in the caller's transaction: a crash leaves either all of
 * it or nothing, so no cell is ever summed twice. Answers how many cells it read; 0: there is nothing left.
 */
export async function sumNext(sql: Sql, compacting: Compacting): Promise<number> {
  const ids = await nextIds(sql, compacting);
  if (ids.length === 0) return 0;
  const named = `"id" IN (SELECT value FROM json_each(?))`;
  const blocks = await readBlocks(sql, named, { parameters: [JSON.stringify(ids)], limit: SUM_BLOCKS });
  const { cellsRead, tiers } = sumsOf(blocks, compacting);
  for (const { tierId, sums, cells } of tiers)
    await sql.$executeRawUnsafe(ADD_ROWS, tierId, compacting.tenant, packTable(sums, cells));
  await markSummed(sql, ids);
  return Math.max(1, cellsRead);
}

/** The blocks that are summed next: the oldest, as many as one transaction may hold. */
async function nextIds(sql: Sql, { tenant, readyMs }: Compacting): Promise<number[]> {
  const rows = await sql.$queryRawUnsafe<{ id: number | bigint; bytes: number | bigint }[]>(
    `SELECT "id", length("cells") AS bytes FROM "CellBlock"
     WHERE "tenantId" = ? AND "stage" = ${GATHERED} AND "toMs" <= ? ORDER BY "fromMs", "part" LIMIT ${SUM_BLOCKS}`,
    ...[tenant, readyMs],
  );
  const ids: number[] = [];
  let sum = 0;
  for (const { id, bytes } of rows) {
    sum += Number(bytes);
    if (ids.length > 0 && sum > SUM_BYTES) break;
    ids.push(Number(id));
  }
  return ids;
}

/** What blocks sum up to in every tier that still keeps it, in the order of the rows' key. */
export function sumsOf(
  blocks: readonly Block[],
  { interner, keptFromMs }: Compacting,
): { readonly cellsRead: number; readonly tiers: TierSums[] } {
  const finest = new CellTable();
  const endpointOf = endpointIn(interner);
  const cellsRead = blocks.reduce((sum, block) => sum + addBlock(finest, block.cells, endpointOf), 0);
  const tiers: TierSums[] = [];
  let bySegment = finest;
  for (const tier of COMPACTED) {
    const sums = summed(bySegment, tier, interner);
    if (tier.grain === "segment") bySegment = sums;
    const least = keptFromMs(tier.resolutionMs) / BUCKET_MS;
    const kept = Array.from({ length: sums.size }, (_, cell) => cell).filter(
      (cell) => sums.bucketOf(cell) >= least,
    );
    const { id: tierId, resolutionMs } = tier;
    if (kept.length > 0) tiers.push({ tierId, resolutionMs, sums, cells: sortCells(sums, kept) });
  }
  return { cellsRead, tiers };
}

/** A tier from one that is as fine or finer: minutes from cells, hours from minutes, marginals from segments. */
function summed(finer: CellTable, { resolutionMs, grain }: Tier, interner: Interner): CellTable {
  const sums = new CellTable(finer.size);
  const span = resolutionMs / BUCKET_MS;
  for (let from = 0; from < finer.size; from += 1) {
    const bucket = Math.floor(finer.bucketOf(from) / span) * span;
    const segmentId = finer.segmentOf(from);
    const endpointId = grain === "segment" || grain === "endpoint" ? finer.endpointOf(from) : NO_ENDPOINT;
    const place = placeIn(grain, segmentId, interner);
    sums.addCell(sums.cell(bucket, endpointId, place, finer.resultOf(from)), finer, from);
  }
  return sums;
}

/** What stands in a row of a grain for the segment. */
function placeIn(grain: Grain, segmentId: number, interner: Interner): number {
  if (grain === "segment") return segmentId;
  if (grain === "endpoint" || grain === "total") return interner.segments.get(segmentId)?.class ?? 0;
  return interner.firstOf(grain, segmentId);
}

/** Puts a minute together again to which late cells were added again and again. False: there is none. */
export async function tidyMinute(sql: Sql, { tenant, interner }: Compacting): Promise<boolean> {
  const [minute] = await sql.$queryRawUnsafe<{ fromMs: number | bigint }[]>(
    `SELECT "fromMs" FROM "CellBlock" WHERE "tenantId" = ? AND "stage" >= ${SUMMED} AND length("cells") < ${SMALL_BYTES}
     GROUP BY "fromMs" HAVING count(*) > ${MOST_OF_MINUTE} LIMIT 1`,
    tenant,
  );
  if (!minute) return false;
  const fromMs = Number(minute.fromMs);
  const where = `"tenantId" = ? AND "stage" >= ${SUMMED} AND "fromMs" = ? AND length("cells") < ${SMALL_BYTES}`;
  const blocks = await readBlocks(sql, where, { parameters: [tenant, fromMs], limit: GATHER_BLOCKS });
  const table = new CellTable();
  await deleteBlocks(sql, takeInto(table, blocks, interner));
  const cells = sortCells(
    table,
    Array.from({ length: table.size }, (_, cell) => cell),
  );
  const window = { fromMs, toMs: fromMs + BLOCK_MS, stage: TIDIED, part: ALL_PARTS };
  await writeBlock(sql, tenant, { ...window, cells: packTable(table, cells) });
  return true;
}

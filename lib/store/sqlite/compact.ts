import type { TenantId } from "../port.ts";
import { eachCell, packByEndpoint } from "./cell-block.ts";
import { CellSums, type Place } from "./cell-sums.ts";
import type { Sql } from "./client.ts";
import type { Interner } from "./interner.ts";
import { BLOCK_MS, type Block, deleteBlocks, readBlocks, tenantsWith, writeBlock } from "./ten-seconds.ts";
import { COMPACTED, NO_ENDPOINT, ROLLUP_COLUMNS, type Tier } from "./tiers.ts";

/** Events this recent are left to gather: most late ones then share the sums of those that were on time. */
export const GRACE_MS = 20_000;
/** Most bytes of blocks that one transaction sums, so that no push waits long behind it. */
const PORTION_BYTES = 400_000;
/** Most blocks of one portion. */
const PORTION_BLOCKS = 4_096;
/** So many small blocks of commits are put together before their minute is over. */
const SCATTERED_BLOCKS = 64;
const SMALL_BYTES = 65_536;
/** A minute that late cells were added to so often is put together again. */
const MOST_OF_MINUTE = 3;

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

const READY = `"summed" = 0 AND "toMs" <= ?`;

/** Tenants that have something to sum. */
export const tenantsToCompact = (sql: Sql, readyMs: number): Promise<TenantId[]> =>
  tenantsWith(sql, READY, readyMs);

export type Compacting = {
  readonly interner: Interner;
  readonly readyMs: number;
  /** Oldest moment that a resolution still keeps, epoch ms. */
  readonly keptFromMs: (resolutionMs: number) => number;
};

/**
 * Sums a portion of a tenant's ready blocks into every compacted tier and leaves them as blocks of a minute each, in the caller's
 * transaction: a crash leaves either all of it or nothing, so no cell is ever summed twice. Answers how many cells it read; 0: there
 * is nothing left.
 */
export async function compactPortion(sql: Sql, tenant: TenantId, compacting: Compacting): Promise<number> {
  const parameters = [tenant, compacting.readyMs];
  const blocks = await readBlocks(sql, `"tenantId" = ? AND ${READY}`, { parameters, limit: PORTION_BLOCKS });
  const portion = fitting(blocks);
  if (portion.length === 0) return 0;
  const cells = new CellSums();
  const cellsRead = sumBlocks(portion, cells, compacting.interner);
  await writeTiers(sql, tenant, { cells, ...compacting });
  await deleteBlocks(
    sql,
    portion.map(({ id }) => id),
  );
  await keepMinutes(sql, tenant, { cells, ...compacting });
  return cellsRead;
}

/** The first blocks that are no larger together than a portion; at least one. */
function fitting(blocks: readonly Block[]): Block[] {
  let bytes = 0;
  return blocks.filter(({ cells }, index) => {
    bytes += cells.length;
    return index === 0 || bytes <= PORTION_BYTES;
  });
}

function sumBlocks(blocks: readonly Block[], into: CellSums, interner: Interner): number {
  let cellsRead = 0;
  const place = { bucketStartMs: 0, endpointId: 0, segmentId: 0 };
  for (const block of blocks)
    eachCell(block.cells, (cell) => {
      cellsRead += 1;
      place.bucketStartMs = cell.bucketStartMs;
      place.endpointId = interner.segments.get(cell.segmentId)?.endpointId ?? NO_ENDPOINT;
      place.segmentId = cell.segmentId;
      into.add(place, cell);
    });
  return cellsRead;
}

/** Each tier is summed from one that is as fine or finer: minutes from cells, hours from minutes, marginals from segments. */
async function writeTiers(
  sql: Sql,
  tenant: TenantId,
  { cells, interner, keptFromMs }: Compacting & { readonly cells: CellSums },
): Promise<void> {
  let bySegment = cells;
  for (const tier of COMPACTED) {
    const sums = summed(bySegment, tier, interner);
    if (tier.grain === "segment") bySegment = sums;
    const { id, resolutionMs } = tier;
    const sections = sums.byEndpoint(({ bucketStartMs }) => bucketStartMs >= keptFromMs(resolutionMs));
    if (sections.size > 0) await sql.$executeRawUnsafe(ADD_ROWS, id, tenant, packByEndpoint(sections));
  }
}

function summed(finer: CellSums, { resolutionMs, grain }: Tier, interner: Interner): CellSums {
  const sums = new CellSums();
  sums.addAll(finer, ({ bucketStartMs, endpointId, segmentId }): Place => {
    const start = Math.floor(bucketStartMs / resolutionMs) * resolutionMs;
    if (grain === "segment") return { bucketStartMs: start, endpointId, segmentId };
    const place = grain === "total" ? NO_ENDPOINT : endpointId;
    return {
      bucketStartMs: start,
      endpointId: place,
      segmentId: interner.segments.get(segmentId)?.class ?? 0,
    };
  });
  return sums;
}

/** Leaves the cells themselves as blocks of a minute, for as long as ten seconds are kept. */
async function keepMinutes(
  sql: Sql,
  tenant: TenantId,
  { cells, interner, keptFromMs }: Compacting & { readonly cells: CellSums },
): Promise<void> {
  const keptMs = keptFromMs(10_000);
  for (const fromMs of cells.starts(BLOCK_MS)) {
    const toMs = fromMs + BLOCK_MS;
    if (toMs <= keptMs) continue;
    const where = `"tenantId" = ? AND "summed" = 1 AND "fromMs" >= ? AND "fromMs" < ?`;
    const earlier = await readBlocks(sql, where, {
      parameters: [tenant, fromMs, toMs],
      limit: PORTION_BLOCKS,
    });
    const again = earlier.length >= MOST_OF_MINUTE;
    const sums = again ? new CellSums() : cells;
    if (again) {
      sums.addAll(cells, (place) => place, { fromMs, toMs });
      sumBlocks(earlier, sums, interner);
      await deleteBlocks(
        sql,
        earlier.map(({ id }) => id),
      );
    }
    await writeBlock(sql, tenant, { fromMs, toMs, summed: true, sums });
  }
}

/** Puts small blocks together that wait for their minute to end, so that a reader does not open thousands. */
export async function gatherBlocks(sql: Sql, tenant: TenantId, interner: Interner): Promise<void> {
  const where = `"tenantId" = ? AND "summed" = 0 AND length("cells") < ${SMALL_BYTES}`;
  const blocks = fitting(await readBlocks(sql, where, { parameters: [tenant], limit: PORTION_BLOCKS }));
  if (blocks.length < SCATTERED_BLOCKS) return;
  const sums = new CellSums();
  sumBlocks(blocks, sums, interner);
  await deleteBlocks(
    sql,
    blocks.map(({ id }) => id),
  );
  for (const fromMs of sums.starts(BLOCK_MS))
    await writeBlock(sql, tenant, { fromMs, toMs: fromMs + BLOCK_MS, summed: false, sums });
}

/** Tenants with blocks that nobody has summed. */
export const tenantsWithNew = (sql: Sql): Promise<TenantId[]> => tenantsWith(sql, `"summed" = 0`);

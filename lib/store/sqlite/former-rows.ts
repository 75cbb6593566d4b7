import { BUCKET_MS, type PackableCell, packCells } from "../cell-block.ts";
import { queryJson, type Sql } from "./client.ts";
import { ALL_PARTS, GATHERED, SUMMED, writeBlock } from "./ten-seconds.ts";
import { FORMER_TEN_SECONDS } from "./tiers.ts";

const PORTION_ROWS = 20_000;

type Row = [number, number, number, number, number, number, string | null, string | null, string | null];

/**
 * Makes blocks of the ten-second rows that an earlier release wrote: it had summed those before its watermark. Runs once, in the
 * caller's transaction; afterwards there are none.
 */
export async function takeFormerRows(sql: Sql): Promise<void> {
  const [watermarkMs = 0] = await queryJson<number>(
    sql,
    `SELECT json_group_array("value") AS json FROM "Meta" WHERE "name" = 'compactedUntilMs'`,
  );
  for (let rows = await readPortion(sql); rows.length > 0; rows = await readPortion(sql)) {
    for (const [tenant, own] of Map.groupBy(rows, ([of]) => of))
      for (const [stage, part] of Map.groupBy(own, (row) => (row[2] < watermarkMs ? SUMMED : GATHERED)))
        await writeRows(sql, tenant, { stage, rows: part });
    await sql.$executeRawUnsafe(
      `DELETE FROM "Rollup" WHERE ("tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId") IN
        (SELECT ${FORMER_TEN_SECONDS}, value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?))`,
      JSON.stringify(rows.map((row) => row.slice(0, 5))),
    );
  }
  await sql.$executeRawUnsafe(`DELETE FROM "Meta" WHERE "name" = 'compactedUntilMs'`);
}

function readPortion(sql: Sql): Promise<Row[]> {
  return queryJson<Row>(
    sql,
    `SELECT json_group_array(json_array("tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId", "count",
       hex("handshakeUs"), hex("ttfbUs"), hex("ticketAgeS"))) AS json
     FROM (SELECT * FROM "Rollup" WHERE "tier" = ${FORMER_TEN_SECONDS} LIMIT ${PORTION_ROWS})`,
  );
}

/** A block a minute, as compaction leaves them. */
async function writeRows(
  sql: Sql,
  tenant: number,
  { stage, rows }: { readonly stage: number; readonly rows: readonly Row[] },
): Promise<void> {
  for (const part of Map.groupBy(rows, (row) => Math.floor(row[2] / 60_000)).values()) {
    const starts = part.map((row) => row[2]);
    const window = { fromMs: Math.min(...starts), toMs: Math.max(...starts) + BUCKET_MS };
    await writeBlock(sql, tenant, { ...window, stage, part: ALL_PARTS, cells: packCells(part.map(toCell)) });
  }
}

const bytes = (hex: string | null): Uint8Array | null => (hex ? Buffer.from(hex, "hex") : null);

function toCell([, , bucketStartMs, segmentId, resultId, count, ...histograms]: Row): PackableCell {
  const [handshakeUs = null, ttfbUs = null, ticketAgeS = null] = histograms.map(bytes);
  return { bucketStartMs, segmentId, resultId, count, handshakeUs, ttfbUs, ticketAgeS };
}

import { WorldError } from "../../runtime/invariant.ts";
import { totalsOf } from "../../stats/histogram.ts";
import type { FarMove, MovedRow, MovedStretch, MovedTotals } from "../far-sums.ts";
import { HISTOGRAM_METRICS, type ResolutionMs } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";
import { COMPACTED, FORMER_TEN_SECONDS } from "./tiers.ts";

const PORTION_ROWS = 20_000;
const RESOLUTIONS: readonly ResolutionMs[] = [60_000, 3_600_000];

export type MoveReport = { readonly stretches: number; readonly rows: number };
type Told = (done: { readonly stretch: number; readonly of: number; readonly rows: number }) => void;
type Key = readonly [tier: number, tenant: number, endpoint: number];

/**
 * Copies every row of minutes and hours, stretch by stretch, and compares each stretch with what has arrived; begun again, it goes on
 * after the last one that was compared. The file is only read. Throws a WorldError where figures differ.
 */
export async function copySums(sql: Sql, move: FarMove, tell: Told): Promise<MoveReport> {
  const stretches = await stretchesOf(sql, move);
  let rows = 0;
  for (const [index, stretch] of stretches.entries()) {
    if (!(await move.isMoved(stretch))) {
      await move.clear(stretch);
      const copied = await copyStretch(sql, move, stretch);
      compare(stretch, copied.totals, await move.totals(stretch));
      await move.noteMoved(stretch);
      rows += copied.rows;
    }
    tell({ stretch: index + 1, of: stretches.length, rows });
  }
  return { stretches: stretches.length, rows };
}

/** Deletes the rows that were copied, in portions that are a transaction each. */
export async function deleteSums(
  run: (work: (sql: Sql) => Promise<number>) => Promise<number>,
): Promise<void> {
  const key = `"tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId"`;
  const portion = `DELETE FROM "Rollup" WHERE (${key}) IN (SELECT ${key} FROM "Rollup" LIMIT ${PORTION_ROWS})`;
  while ((await run((sql) => sql.$executeRawUnsafe(portion))) > 0);
}

const tiersOf = (resolutionMs: ResolutionMs): number[] =>
  COMPACTED.filter((tier) => tier.resolutionMs === resolutionMs).map(({ id }) => id);

/** Stretches that hold anything, oldest first. */
async function stretchesOf(sql: Sql, move: FarMove): Promise<MovedStretch[]> {
  const former = `"tier" = ${FORMER_TEN_SECONDS}`;
  const [hasFormer] = await queryJson<number>(
    sql,
    `SELECT json_array(EXISTS (SELECT 1 FROM "Rollup" WHERE ${former})) AS json`,
  );
  if (hasFormer === 1)
    throw new WorldError(
      "The store was written by an earlier release: start this one's collector once without REPRISE_STORE_URL.",
      {
        retryable: false,
      },
    );
  const found: MovedStretch[] = [];
  for (const resolutionMs of RESOLUTIONS) {
    const ms = move.stretchMs(resolutionMs);
    const starts = await queryJson<number>(
      sql,
      `SELECT json_group_array(s) AS json FROM (SELECT DISTINCT "bucketStartMs" / CAST(? AS INTEGER) AS s FROM "Rollup"
       WHERE "tier" IN (${tiersOf(resolutionMs).join(", ")}) ORDER BY s)`,
      ms,
    );
    found.push(...starts.map((start) => ({ resolutionMs, fromMs: start * ms })));
  }
  return found;
}

async function copyStretch(
  sql: Sql,
  move: FarMove,
  stretch: MovedStretch,
): Promise<{ rows: number; totals: MovedTotals }> {
  const untilMs = stretch.fromMs + move.stretchMs(stretch.resolutionMs);
  const totals = new Map<number, [number, number, number]>();
  let rows = 0;
  for (const key of await keysOf(sql, stretch.resolutionMs)) {
    for (let after: MovedRow | null = null; ; ) {
      const portion: MovedRow[] = await readPortion(sql, key, { fromMs: stretch.fromMs, untilMs, after });
      if (portion.length > 0) await move.put(stretch, portion);
      for (const row of portion) addTo(totals, row);
      rows += portion.length;
      after = portion.at(-1) ?? null;
      if (portion.length < PORTION_ROWS) break;
    }
  }
  return { rows, totals };
}

/** The beginnings of the rows' key. */
const keysOf = (sql: Sql, resolutionMs: ResolutionMs): Promise<Key[]> =>
  queryJson(
    sql,
    `SELECT json_group_array(json_array(t.value, o.tenant, o.endpoint)) AS json FROM json_each(?) t CROSS JOIN
       (SELECT "tenantId" AS tenant, "id" AS endpoint FROM "Endpoint" UNION ALL SELECT "id", 0 FROM "Tenant") o
     WHERE EXISTS (SELECT 1 FROM "Rollup" r WHERE r."tier" = t.value AND r."tenantId" = o.tenant AND r."endpointId" = o.endpoint)`,
    JSON.stringify(tiersOf(resolutionMs)),
  );

async function readPortion(
  sql: Sql,
  [tierId, tenant, endpointId]: Key,
  { fromMs, untilMs, after }: { fromMs: number; untilMs: number; after: MovedRow | null },
): Promise<MovedRow[]> {
  const rows = await sql.$queryRawUnsafe<Record<string, number | bigint | Uint8Array | null>[]>(
    `SELECT "bucketStartMs", "segmentId", "resultId", "count", "handshakeUs", "ttfbUs", "ticketAgeS" FROM "Rollup"
     WHERE "tier" = ? AND "tenantId" = ? AND "endpointId" = ? AND "bucketStartMs" >= ? AND "bucketStartMs" < ?
       AND ("bucketStartMs", "segmentId", "resultId") > (?, ?, ?)
     ORDER BY "bucketStartMs", "segmentId", "resultId" LIMIT ${PORTION_ROWS}`,
    ...[tierId, tenant, endpointId, after?.bucketStartMs ?? fromMs, untilMs],
    ...[after?.bucketStartMs ?? -1, after?.segmentId ?? -1, after?.resultId ?? -1],
  );
  return rows.map((row) => ({
    ...{ tierId, tenant, endpointId },
    bucketStartMs: Number(row.bucketStartMs),
    segmentId: Number(row.segmentId),
    resultId: Number(row.resultId),
    count: Number(row.count),
    histograms: HISTOGRAM_METRICS.map((name) => row[name] as Uint8Array | null),
  }));
}

function addTo(totals: Map<number, [number, number, number]>, { tierId, count, histograms }: MovedRow): void {
  const total = totals.get(tierId) ?? [0, 0, 0];
  totals.set(tierId, total);
  total[0] += count;
  for (const bytes of histograms) {
    if (!bytes) continue;
    const one = totalsOf(bytes);
    total[1] += one.count;
    total[2] += one.sum;
  }
}

function compare({ fromMs, resolutionMs }: MovedStretch, here: MovedTotals, there: MovedTotals): void {
  const text = (totals: MovedTotals): string =>
    [...totals]
      .sort(([a], [b]) => a - b)
      .map(([tier, figures]) => `${tier}: ${figures.join("/")}`)
      .join(", ");
  if (text(here) === text(there)) return;
  const what = `rows of ${resolutionMs / 1_000} s from ${new Date(fromMs).toISOString()}`;
  throw new WorldError(
    `Figures differ for ${what}: ${text(here)} in the file, ${text(there)} in ClickHouse.`,
    {
      retryable: true,
    },
  );
}

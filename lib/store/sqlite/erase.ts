import type { TenantId } from "../port.ts";
import { INSTALLATION } from "../port-audit.ts";
import { appendAudit } from "./audit.ts";
import { queryJson, type Sql } from "./client.ts";
import { COMPACTED, FORMER_TEN_SECONDS } from "./tiers.ts";

/** Most rows that one transaction deletes: what a kill has to do again, and how long the log of a transaction grows. */
const PORTION_ROWS = 20_000;

type Run = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/** Rows that were deleted, by table. */
export type Erased = Readonly<Record<string, number>>;

/** Every table that has rows of tenants, as the database itself says: one that is added later is among them. */
export function tablesOfTenants(sql: Sql): Promise<string[]> {
  return queryJson<string>(
    sql,
    `SELECT json_group_array(name) AS json FROM (SELECT m.name FROM sqlite_master AS m
     JOIN pragma_table_info(m.name) AS c ON c.name = 'tenantId' WHERE m.type = 'table' ORDER BY m.name)`,
  );
}

/**
 * Deletes every row of a tenant, in portions that are a transaction each (`run`); killed in between, it goes on where it
 * was when it is called again. The last portion takes the tenant itself, unless it is `kept`, and adds an entry to the
 * installation's own log. What is deleted is overwritten in the file.
 */
export async function eraseTenant(
  run: Run,
  told: {
    readonly tenant: TenantId;
    readonly name: string;
    readonly kept: boolean;
    readonly nowMs: number;
    readonly by: string;
  },
): Promise<Erased> {
  const { tenant, name, kept, nowMs, by } = told;
  const mark = `erasing tenant ${tenant}`;
  const tables = await run(async (sql) => {
    // Lets the audit log's trigger take this tenant's entries.
    await sql.$executeRawUnsafe(`INSERT OR IGNORE INTO "Meta" ("name", "value") VALUES (?, ?)`, mark, nowMs);
    return tablesOfTenants(sql);
  });
  const erased: Record<string, number> = {};
  for (const table of tables) {
    let count = 0;
    for (const [statement, ...parameters] of deletesOf(table, tenant))
      count += await deletePortions(run, statement, parameters);
    if (count > 0) erased[table] = count;
  }
  await run(async (sql) => {
    if (!kept) await sql.$executeRawUnsafe(`DELETE FROM "Tenant" WHERE "id" = ?`, tenant);
    await sql.$executeRawUnsafe(`DELETE FROM "Meta" WHERE "name" = ?`, mark);
    await appendAudit(sql, INSTALLATION, {
      ...{ atMs: nowMs, actor: null, address: null, action: "tenant.erase", targetKind: "tenant" },
      ...{ targetId: name, before: JSON.stringify({ rows: erased }), after: JSON.stringify({ by }) },
    });
  });
  return erased;
}

type Delete = readonly [statement: string, ...parameters: readonly number[]];

/** Rollups begin their key with the tier, and have no row ids; everything else is found by its tenant. */
function deletesOf(table: string, tenant: TenantId): readonly Delete[] {
  const tiers = [FORMER_TEN_SECONDS, ...COMPACTED.map(({ id }) => id)];
  if (table === "Rollup") return tiers.map((id) => [DELETE_ROLLUPS, id, tenant]);
  const quoted = `"${table.replaceAll('"', '""')}"`;
  return [
    [
      `DELETE FROM ${quoted} WHERE rowid IN (SELECT rowid FROM ${quoted} WHERE "tenantId" = ? LIMIT ${PORTION_ROWS})`,
      tenant,
    ],
  ];
}

const ROLLUP_KEY = `"tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId"`;
const DELETE_ROLLUPS = `DELETE FROM "Rollup" WHERE (${ROLLUP_KEY}) IN (SELECT ${ROLLUP_KEY} FROM "Rollup"
  WHERE "tier" = ? AND "tenantId" = ? LIMIT ${PORTION_ROWS})`;

async function deletePortions(run: Run, statement: string, parameters: readonly number[]): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await run((sql) => sql.$executeRawUnsafe(statement, ...parameters));
    total += count;
    if (count < PORTION_ROWS) return total;
  }
}

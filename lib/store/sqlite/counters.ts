import type { CounterState, TenantId } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";

/** Keeps the last totals of counters; an older reading never replaces a newer one. */
export async function writeCounters(
  sql: Sql,
  tenant: TenantId,
  counters: readonly CounterState[],
): Promise<void> {
  if (counters.length === 0) return;
  const rows = counters.map((c) => [
    c.source,
    c.sender,
    c.scope,
    c.atMs,
    c.startedMs,
    JSON.stringify(c.totals),
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "CounterState" ("tenantId", "source", "sender", "scope", "atMs", "startedMs", "totals")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "atMs" = excluded."atMs", "startedMs" = excluded."startedMs",
       "totals" = excluded."totals" WHERE excluded."atMs" >= "atMs"`,
    tenant,
    JSON.stringify(rows),
  );
}

/** The last totals of every counter. */
export function readCounters(sql: Sql, tenant: TenantId): Promise<CounterState[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('source', "source", 'sender', "sender", 'scope', "scope", 'atMs', "atMs",
       'startedMs', "startedMs", 'totals', json("totals"))) AS json FROM "CounterState" WHERE "tenantId" = ?`,
    tenant,
  );
}

import type { TenantId } from "../port.ts";
import type { TlsAlertCount, TlsAlertReader } from "../port-tls-alerts.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

/** TLS alerts in SQLite (lib/store/port-tls-alerts.ts). In the table "" stands for an unknown endpoint. */
export class SqliteTlsAlerts implements TlsAlertReader {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readTlsAlerts(tenant: TenantId, query: Parameters<TlsAlertReader["readTlsAlerts"]>[1]) {
    const endpoints = query.endpoints ? JSON.stringify(query.endpoints.map((name) => name ?? "")) : null;
    return this.#runner.read("read TLS alerts", (sql) =>
      queryJson<Omit<TlsAlertCount, "endpoint">>(
        sql,
        `SELECT json_group_array(json_object('bucketStartMs', t, 'vantage', v, 'alert', a, 'count', c)) AS json FROM (
           SELECT "bucketStartMs" / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS t, "vantage" AS v, "alert" AS a, sum("count") AS c
           FROM "TlsAlertCount" WHERE "tenantId" = ? AND "bucketStartMs" >= ? AND "bucketStartMs" < ?
             AND (? IS NULL OR "endpoint" IN (SELECT value FROM json_each(?)))
           GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)`,
        ...[query.stepMs, query.stepMs, tenant, query.fromMs, query.toMs, endpoints, endpoints],
      ),
    );
  }
}

/** Adds to the counts; part of a commit. */
export async function writeTlsAlerts(
  sql: Sql,
  tenant: TenantId,
  counts: readonly TlsAlertCount[],
): Promise<void> {
  if (counts.length === 0) return;
  const rows = counts.map((one) => [
    one.bucketStartMs,
    one.endpoint ?? "",
    one.vantage,
    one.alert,
    one.count,
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "TlsAlertCount" ("tenantId", "bucketStartMs", "endpoint", "vantage", "alert", "count")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "count" = "count" + excluded."count"`,
    tenant,
    JSON.stringify(rows),
  );
}

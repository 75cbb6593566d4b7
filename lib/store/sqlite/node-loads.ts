import type { NodeLoad } from "../../domain/load.ts";
import type { TenantId } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";

/** Nodes whose newest reading is kept for one tenant; of more, those heard longest ago go. */
const MOST_NODES = 10_000;

/** Keeps the newest reading of each node. */
export async function writeNodeLoads(sql: Sql, tenant: TenantId, loads: readonly NodeLoad[]): Promise<void> {
  if (loads.length === 0) return;
  const rows = [...loads].sort((a, b) => a.atMs - b.atMs).map((l) => [l.node, l.atMs, l.cores, l.busyCores]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "NodeLoad" ("tenantId", "node", "atMs", "cores", "busyCores")
     SELECT ?, value->>0, value->>1, value->>2, value->>3 FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "atMs" = excluded."atMs", "cores" = excluded."cores", "busyCores" = excluded."busyCores"
     WHERE excluded."atMs" >= "NodeLoad"."atMs"`,
    tenant,
    JSON.stringify(rows),
  );
  await sql.$executeRawUnsafe(
    `DELETE FROM "NodeLoad" WHERE "tenantId" = ? AND "node" NOT IN (SELECT "node" FROM "NodeLoad" WHERE "tenantId" = ?
     ORDER BY "atMs" DESC LIMIT ${MOST_NODES})`,
    tenant,
    tenant,
  );
}

/** The newest reading of each node. */
export function readNodeLoads(sql: Sql, tenant: TenantId): Promise<NodeLoad[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('node', "node", 'atMs', "atMs", 'cores', "cores", 'busyCores', "busyCores")) AS json
     FROM (SELECT * FROM "NodeLoad" WHERE "tenantId" = ? ORDER BY "node")`,
    tenant,
  );
}

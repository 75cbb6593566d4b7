import type { TenantId } from "../port.ts";
import type {
  AlertActor,
  StoredReceiver,
  StoredRouting,
  StoredRule,
  StoredSilence,
} from "../port-alerting.ts";
import { queryJson, type Sql } from "./client.ts";

/** What people decide of alerting: rules, silences, receivers, the routing tree. */

export function readAlertRules(sql: Sql, tenant: TenantId): Promise<StoredRule[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('origin', "origin", 'rule', json("spec"), 'actor', "actor",
       'createdMs', "createdMs", 'updatedMs', "updatedMs")) AS json
     FROM (SELECT * FROM "AlertRule" WHERE "tenantId" = ? ORDER BY "id")`,
    tenant,
  );
}

export async function saveAlertRule(sql: Sql, tenant: TenantId, stored: StoredRule): Promise<void> {
  const { origin, rule, actor, createdMs, updatedMs } = stored;
  await sql.$executeRawUnsafe(
    `INSERT INTO "AlertRule" ("tenantId", "id", "origin", "spec", "actor", "createdMs", "updatedMs")
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "origin" = excluded."origin", "spec" = excluded."spec",
       "actor" = excluded."actor", "updatedMs" = excluded."updatedMs"`,
    ...[tenant, rule.id, origin, JSON.stringify(rule), actor, createdMs, updatedMs],
  );
}

export async function deleteAlertRule(sql: Sql, tenant: TenantId, id: string): Promise<void> {
  await sql.$executeRawUnsafe(`DELETE FROM "AlertRule" WHERE "tenantId" = ? AND "id" = ?`, tenant, id);
}

export function readSilences(sql: Sql, tenant: TenantId): Promise<StoredSilence[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('id', "id", 'matchers', json("matchers"), 'startsMs', "startsMs",
       'endsMs', "endsMs", 'author', "author", 'reason', "reason", 'createdMs', "createdMs", 'endedMs', "endedMs")) AS json
     FROM (SELECT * FROM "AlertSilence" WHERE "tenantId" = ? ORDER BY "createdMs" DESC, "id")`,
    tenant,
  );
}

export async function saveSilence(sql: Sql, tenant: TenantId, silence: StoredSilence): Promise<void> {
  const { id, matchers, startsMs, endsMs, author, reason, createdMs, endedMs } = silence;
  await sql.$executeRawUnsafe(
    `INSERT INTO "AlertSilence" ("tenantId", "id", "matchers", "startsMs", "endsMs", "author", "reason", "createdMs",
       "endedMs") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET "matchers" = excluded."matchers", "startsMs" = excluded."startsMs",
       "endsMs" = excluded."endsMs", "author" = excluded."author", "reason" = excluded."reason",
       "endedMs" = excluded."endedMs"`,
    ...[tenant, id, JSON.stringify(matchers), startsMs, endsMs, author, reason, createdMs, endedMs],
  );
}

/** Sealed settings leave SQLite as hexadecimal: JSON has no bytes. */
type ReceiverRow = Omit<StoredReceiver, "settings"> & { readonly settings: string };

export async function readReceivers(sql: Sql, tenant: TenantId): Promise<StoredReceiver[]> {
  const rows = await queryJson<ReceiverRow>(
    sql,
    `SELECT json_group_array(json_object('name', "name", 'kind', "kind", 'origin', "origin", 'settings', hex("settings"),
       'actor', "actor", 'updatedMs', "updatedMs")) AS json
     FROM (SELECT * FROM "AlertReceiver" WHERE "tenantId" = ? ORDER BY "name")`,
    tenant,
  );
  return rows.map((row) => ({ ...row, settings: Uint8Array.from(Buffer.from(row.settings, "hex")) }));
}

export async function saveReceiver(sql: Sql, tenant: TenantId, receiver: StoredReceiver): Promise<void> {
  const { name, kind, origin, settings, actor, updatedMs } = receiver;
  await sql.$executeRawUnsafe(
    `INSERT INTO "AlertReceiver" ("tenantId", "name", "kind", "origin", "settings", "actor", "updatedMs")
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "kind" = excluded."kind", "origin" = excluded."origin",
       "settings" = excluded."settings", "actor" = excluded."actor", "updatedMs" = excluded."updatedMs"`,
    ...[tenant, name, kind, origin, settings, actor, updatedMs],
  );
}

export async function deleteReceiver(sql: Sql, tenant: TenantId, name: string): Promise<void> {
  await sql.$executeRawUnsafe(
    `DELETE FROM "AlertReceiver" WHERE "tenantId" = ? AND "name" = ?`,
    tenant,
    name,
  );
}

export async function readRouting(sql: Sql, tenant: TenantId): Promise<StoredRouting | null> {
  const [routing] = await queryJson<StoredRouting>(
    sql,
    `SELECT json_group_array(json_object('origin', "origin", 'tree', json("tree"), 'actor', "actor",
       'updatedMs', "updatedMs")) AS json FROM "AlertRouting" WHERE "tenantId" = ?`,
    tenant,
  );
  return routing ?? null;
}

export async function saveRouting(sql: Sql, tenant: TenantId, routing: StoredRouting): Promise<void> {
  const { origin, tree, actor, updatedMs } = routing;
  await sql.$executeRawUnsafe(
    `INSERT INTO "AlertRouting" ("tenantId", "origin", "tree", "actor", "updatedMs") VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET "origin" = excluded."origin", "tree" = excluded."tree", "actor" = excluded."actor",
       "updatedMs" = excluded."updatedMs"`,
    ...[tenant, origin, JSON.stringify(tree), actor, updatedMs],
  );
}

type Acknowledge = Parameters<AlertActor["acknowledgeThread"]>[1];

export async function acknowledgeThread(sql: Sql, tenant: TenantId, act: Acknowledge): Promise<void> {
  await sql.$executeRawUnsafe(
    `UPDATE "AlertThread" SET "acknowledgedBy" = ?, "acknowledgedMs" = ?, "updatedMs" = ?
     WHERE "tenantId" = ? AND "thread" = ? AND "acknowledgedMs" IS NULL`,
    ...[act.actor, act.nowMs, act.nowMs, tenant, act.thread],
  );
}

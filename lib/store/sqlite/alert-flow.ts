import type { TenantId } from "../port.ts";
import type {
  AlertReader,
  AlertSave,
  AlertWriter,
  StoredAlert,
  StoredAlertEvent,
  StoredDelivery,
  StoredMessage,
  StoredThread,
} from "../port-alerting.ts";
import { queryJson, type Sql } from "./client.ts";

/** What the collector does for alerting: states, events, threads, the outbox and its deliveries. */

export function readAlerts(sql: Sql, tenant: TenantId): Promise<StoredAlert[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('ruleId', "ruleId", 'alertId', "alertId", 'labels', json("labels"),
       'state', json("state"))) AS json
     FROM (SELECT * FROM "AlertState" WHERE "tenantId" = ? ORDER BY "ruleId", "alertId")`,
    tenant,
  );
}

export function readAlertEvents(
  sql: Sql,
  tenant: TenantId,
  query: Parameters<AlertReader["readAlertEvents"]>[1],
): Promise<StoredAlertEvent[]> {
  const ruleId = query.ruleId ?? null;
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('ruleId', "ruleId", 'alertId', "alertId", 'atMs', "atMs",
       'transition', "transition", 'value', "value", 'text', "text")) AS json
     FROM (SELECT * FROM "AlertEvent" WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ?
       AND (? IS NULL OR "ruleId" = ?) ORDER BY "atMs" DESC, "id" DESC LIMIT ?)`,
    ...[tenant, query.fromMs, query.toMs, ruleId, ruleId, query.limit],
  );
}

export function readAlertThreads(sql: Sql, tenant: TenantId): Promise<StoredThread[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('receiver', "receiver", 'thread', "thread", 'state', json("state"),
       'refs', json("refs"), 'acknowledgedBy', "acknowledgedBy", 'acknowledgedMs', "acknowledgedMs")) AS json
     FROM (SELECT * FROM "AlertThread" WHERE "tenantId" = ? ORDER BY "receiver", "thread")`,
    tenant,
  );
}

export async function saveAlerts(sql: Sql, tenant: TenantId, save: AlertSave, nowMs: number): Promise<void> {
  await inserted(sql, save.alerts, [
    `INSERT INTO "AlertState" ("tenantId", "ruleId", "alertId", "labels", "state", "updatedMs")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, ? FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "labels" = excluded."labels", "state" = excluded."state",
       "updatedMs" = excluded."updatedMs"`,
    [tenant, nowMs],
    (a) => [a.ruleId, a.alertId, JSON.stringify(a.labels), JSON.stringify(a.state)],
  ]);
  await inserted(sql, save.gone, [
    `DELETE FROM "AlertState" WHERE "tenantId" = ? AND ("ruleId", "alertId") IN
       (SELECT value->>0, value->>1 FROM json_each(?))`,
    [tenant],
    (g) => [g.ruleId, g.alertId],
  ]);
  await inserted(sql, save.events, [
    `INSERT INTO "AlertEvent" ("tenantId", "ruleId", "alertId", "atMs", "transition", "value", "text")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?)`,
    [tenant],
    (e) => [e.ruleId, e.alertId, e.atMs, e.transition, e.value, e.text],
  ]);
  await inserted(sql, save.begun, [
    `UPDATE "AlertThread" SET "refs" = NULL, "acknowledgedBy" = NULL, "acknowledgedMs" = NULL
     WHERE "tenantId" = ? AND ("receiver", "thread") IN (SELECT value->>0, value->>1 FROM json_each(?))`,
    [tenant],
    (t) => [t.receiver, t.thread],
  ]);
  await inserted(sql, save.threads, [
    // What people acknowledged, and what receivers call it, is written elsewhere and stays.
    `INSERT INTO "AlertThread" ("tenantId", "receiver", "thread", "state", "updatedMs")
     SELECT ?, value->>0, value->>1, value->>2, ? FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "state" = excluded."state", "updatedMs" = excluded."updatedMs"`,
    [tenant, nowMs],
    (t) => [t.receiver, t.thread, JSON.stringify(t.state)],
  ]);
  for (const message of save.messages) await putMessage(sql, tenant, message);
}

type Insert<T> = readonly [
  statement: string,
  before: readonly unknown[],
  row: (item: T) => readonly unknown[],
];

async function inserted<T>(
  sql: Sql,
  items: readonly T[],
  [statement, before, row]: Insert<T>,
): Promise<void> {
  if (items.length > 0) await sql.$executeRawUnsafe(statement, ...before, JSON.stringify(items.map(row)));
}

const MESSAGE = `json_object('id', "id", 'receiver', "receiver", 'thread', "thread", 'reason', "reason",
  'message', json("message"), 'createdMs', "createdMs", 'dueMs', "dueMs", 'attempts', "attempts", 'state', "state",
  'lastError', "lastError", 'sentMs', "sentMs")`;

/** Writes a message; one whose id is there already stays as it is: it was decided before. */
export async function putMessage(sql: Sql, tenant: TenantId, m: StoredMessage): Promise<void> {
  await sql.$executeRawUnsafe(
    `INSERT INTO "Outbox" ("tenantId", "id", "receiver", "thread", "reason", "message", "createdMs", "dueMs", "attempts",
       "state", "lastError", "sentMs") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ...[tenant, m.id, m.receiver, m.thread, m.reason, JSON.stringify(m.message), m.createdMs, m.dueMs],
    ...[m.attempts, m.state, m.lastError, m.sentMs],
  );
}

export function readMessages(
  sql: Sql,
  tenant: TenantId,
  query: Parameters<AlertReader["readMessages"]>[1],
): Promise<StoredMessage[]> {
  const states = query.states ? JSON.stringify(query.states) : null;
  return queryJson(
    sql,
    `SELECT json_group_array(${MESSAGE}) AS json FROM (SELECT * FROM "Outbox"
     WHERE "tenantId" = ? AND "createdMs" >= ? AND "createdMs" < ?
       AND (? IS NULL OR "state" IN (SELECT value FROM json_each(?))) ORDER BY "createdMs" DESC, "id" LIMIT ?)`,
    ...[tenant, query.fromMs, query.toMs, states, states, query.limit],
  );
}

/** Of each thread the oldest message only: nobody shall hear of an end before the beginning. */
export function dueMessages(
  sql: Sql,
  nowMs: number,
  limit: number,
): Promise<(StoredMessage & { tenant: number })[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json_patch(${MESSAGE}, json_object('tenant', "tenantId"))) AS json
     FROM (SELECT * FROM "Outbox" AS m WHERE "state" = 'waiting' AND "dueMs" <= ? AND NOT EXISTS (SELECT 1
       FROM "Outbox" AS e WHERE e."state" = 'waiting' AND e."tenantId" = m."tenantId" AND e."receiver" = m."receiver"
       AND e."thread" = m."thread" AND (e."createdMs", e."id") < (m."createdMs", m."id")) ORDER BY "dueMs", "createdMs", "id" LIMIT ?)`,
    nowMs,
    limit,
  );
}

export async function countMessages(sql: Sql): Promise<{ waiting: number; dead: number }> {
  const [counts] = await queryJson<{ waiting: number; dead: number }>(
    sql,
    `SELECT json_array(json_object('waiting', (SELECT count(*) FROM "Outbox" WHERE "state" = 'waiting'),
       'dead', (SELECT count(*) FROM "Outbox" WHERE "state" = 'dead'))) AS json`,
  );
  return counts ?? { waiting: 0, dead: 0 };
}

/** Whether there was such a message. */
export async function resendMessage(
  sql: Sql,
  tenant: TenantId,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<boolean> {
  const count = await sql.$executeRawUnsafe(
    `UPDATE "Outbox" SET "state" = 'waiting', "dueMs" = ?, "attempts" = 0
     WHERE "tenantId" = ? AND "id" = ? AND "state" <> 'sent'`,
    ...[nowMs, tenant, id],
  );
  return count > 0;
}

type Outcome = Parameters<AlertWriter["recordDelivery"]>[1];

export async function recordDelivery(sql: Sql, tenant: TenantId, outcome: Outcome): Promise<void> {
  const { message: m, delivery: d, refs } = outcome;
  await sql.$executeRawUnsafe(
    `UPDATE "Outbox" SET "state" = ?, "dueMs" = ?, "attempts" = ?, "lastError" = ?, "sentMs" = ?
     WHERE "tenantId" = ? AND "id" = ?`,
    ...[m.state, m.dueMs, m.attempts, m.lastError, m.sentMs, tenant, m.id],
  );
  await sql.$executeRawUnsafe(
    `INSERT INTO "Delivery" ("tenantId", "outboxId", "receiver", "atMs", "ok", "status", "durationMs", "error")
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[tenant, d.outboxId, d.receiver, d.atMs, d.ok ? 1 : 0, d.status, d.durationMs, d.error],
  );
  if (refs === null) return;
  await sql.$executeRawUnsafe(
    `UPDATE "AlertThread" SET "refs" = ? WHERE "tenantId" = ? AND "receiver" = ? AND "thread" = ?`,
    ...[JSON.stringify(refs), tenant, m.receiver, m.thread],
  );
}

export function readDeliveries(
  sql: Sql,
  tenant: TenantId,
  query: Parameters<AlertReader["readDeliveries"]>[1],
): Promise<StoredDelivery[]> {
  const outboxId = query.outboxId ?? null;
  return queryJson(
    sql,
    `SELECT json_group_array(json_object('outboxId', "outboxId", 'receiver', "receiver", 'atMs', "atMs",
       'ok', json(iif("ok", 'true', 'false')), 'status', "status", 'durationMs', "durationMs", 'error', "error")) AS json
     FROM (SELECT * FROM "Delivery" WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ?
       AND (? IS NULL OR "outboxId" = ?) ORDER BY "atMs" DESC, "id" DESC LIMIT ?)`,
    ...[tenant, query.fromMs, query.toMs, outboxId, outboxId, query.limit],
  );
}

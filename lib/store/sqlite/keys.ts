import type { KeyEvent } from "../../domain/keys.ts";
import type { TenantId } from "../port.ts";
import type {
  CommittedKey,
  CommittedKeyEvent,
  KeyActor,
  KeyReader,
  KeyUseRow,
  StoredKeyEvent,
  StoredSighting,
} from "../port-keys.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

/** Keys in the SQLite engine: uses by ten minutes, sightings, events. In the tables "" stands for an unknown place. */
export class SqliteKeys implements KeyReader, KeyActor {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readSightings(
    tenant: TenantId,
    query: Parameters<KeyReader["readSightings"]>[1],
  ): Promise<readonly StoredSighting[]> {
    return this.#runner.read("read sightings of keys", (sql) =>
      queryJson(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('endpoint', nullif("endpoint", ''),
           'node', nullif("node", ''), 'keyName', "keyName", 'use', "use", 'firstMs', "firstMs", 'lastMs', "lastMs",
           'count', "count", 'source', "source", 'lifetimeHintS', "lifetimeHintS") AS x FROM "KeySighting"
         WHERE "tenantId" = ? AND "lastMs" >= ? AND (? IS NULL OR "endpoint" = ?) AND (? IS NULL OR "node" = ?)
         ORDER BY "lastMs" DESC LIMIT ?)`,
        tenant,
        query.sinceMs,
        ...scopeOf(query),
        query.limit,
      ),
    );
  }

  readUses(tenant: TenantId, query: Parameters<KeyReader["readUses"]>[1]): Promise<readonly KeyUseRow[]> {
    return this.#runner.read("read uses of keys", (sql) =>
      queryJson(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('bucketStartMs', t, 'endpoint',
           nullif("endpoint", ''), 'node', nullif("node", ''), 'keyName', "keyName", 'use', "use", 'count', c) AS x
         FROM (SELECT "bucketStartMs" / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS t, "endpoint", "node", "keyName",
           "use", sum("count") AS c
           FROM "KeyUse" WHERE "tenantId" = ? AND "bucketStartMs" >= ? AND "bucketStartMs" < ?
             AND (? IS NULL OR "endpoint" = ?) AND (? IS NULL OR "node" = ?)
           GROUP BY 1, 2, 3, 4, 5 ORDER BY 1))`,
        query.stepMs,
        query.stepMs,
        tenant,
        query.fromMs,
        query.toMs,
        ...scopeOf(query),
      ),
    );
  }

  readKeyEvents(
    tenant: TenantId,
    query: Parameters<KeyReader["readKeyEvents"]>[1],
  ): Promise<readonly StoredKeyEvent[]> {
    return this.#runner.read("read events of keys", (sql) =>
      queryJson(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('id', "id", 'atMs', "atMs", 'endpoint',
           "endpoint", 'node', "node", 'keyGroup', "keyGroup", 'keyName', "keyName", 'action', "action", 'actor',
           "actor", 'reason', "reason", 'via', "via", 'recordedMs', "recordedMs") AS x FROM "KeyEvent"
         WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? ORDER BY "atMs", "id" LIMIT ?)`,
        tenant,
        query.fromMs,
        query.toMs,
        query.limit,
      ),
    );
  }

  recordKeyEvent(tenant: TenantId, event: KeyEvent, meta: { nowMs: number; via: string }): Promise<void> {
    return this.#runner.write("record an event of a key", (sql) =>
      writeKeyEvents(sql, tenant, { events: [{ ...event, via: meta.via }], nowMs: meta.nowMs }),
    );
  }
}

function scopeOf({ endpoint, node }: { endpoint?: string; node?: string }): (string | null)[] {
  const [e, n] = [endpoint ?? null, node ?? null];
  return [e, e, n, n];
}

const ADD_USES = `INSERT INTO "KeyUse" ("tenantId", "bucketStartMs", "endpoint", "node", "keyName", "use", "count")
  SELECT ?, value->>0, coalesce(value->>1, ''), coalesce(value->>2, ''), value->>3, value->>4, value->>5
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET "count" = "count" + excluded."count"`;

const ADD_SIGHTINGS = `INSERT INTO "KeySighting" ("tenantId", "endpoint", "node", "keyName", "use", "firstMs", "lastMs",
    "count", "source", "lifetimeHintS")
  SELECT ?, coalesce(value->>1, ''), coalesce(value->>2, ''), value->>3, value->>4, value->>6, value->>7, value->>5,
    value->>8, value->>9
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET
    "lifetimeHintS" = CASE WHEN excluded."lastMs" >= "lastMs" THEN coalesce(excluded."lifetimeHintS", "lifetimeHintS")
      ELSE coalesce("lifetimeHintS", excluded."lifetimeHintS") END,
    "source" = CASE WHEN excluded."lastMs" >= "lastMs" THEN excluded."source" ELSE "source" END,
    "firstMs" = min("firstMs", excluded."firstMs"), "lastMs" = max("lastMs", excluded."lastMs"),
    "count" = "count" + excluded."count"`;

/** Adds uses of keys: to their ten minutes, and to what is known of each key at its node. */
export async function writeKeySights(
  sql: Sql,
  tenant: TenantId,
  keys: readonly CommittedKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const rows = keys.map((k) => [
    ...[k.bucketStartMs, k.endpoint, k.node, k.keyName, k.use, k.count],
    ...[k.firstMs, k.lastMs, k.source, k.lifetimeHintS],
  ]);
  const json = JSON.stringify(rows);
  await sql.$executeRawUnsafe(ADD_USES, tenant, json);
  await sql.$executeRawUnsafe(ADD_SIGHTINGS, tenant, json);
}

/** Records what was said of keys; an event whose id is known already stays as it is. */
export async function writeKeyEvents(
  sql: Sql,
  tenant: TenantId,
  input: { readonly events: readonly CommittedKeyEvent[]; readonly nowMs: number },
): Promise<void> {
  if (input.events.length === 0) return;
  const rows = input.events.map((e) => [
    ...[e.id, e.atMs, e.endpoint, e.node, e.keyGroup, e.keyName, e.action, e.actor, e.reason, e.via],
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "KeyEvent" ("tenantId", "id", "atMs", "endpoint", "node", "keyGroup", "keyName", "action", "actor",
       "reason", "via", "recordedMs")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
       value->>9, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    tenant,
    input.nowMs,
    JSON.stringify(rows),
  );
}

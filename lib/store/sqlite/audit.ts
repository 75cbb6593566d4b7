import { hashOfEntry } from "../audit-chain.ts";
import type { TenantId } from "../port.ts";
import type { AuditEntry, AuditQuery, AuditReader } from "../port-audit.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

const ENTRY = `json_object('id', "id", 'atMs', "atMs", 'actor', "actor", 'address', "address", 'action', "action",
  'targetKind', "targetKind", 'targetId', "targetId", 'before', "before", 'after', "after", 'prevHash', "prevHash",
  'hash', "hash")`;

/** The log of what people changed, in SQLite (lib/store/port-audit.ts). */
export class SqliteAudit implements AuditReader {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readAudit(tenant: TenantId, query: AuditQuery): Promise<readonly AuditEntry[]> {
    const { fromMs, toMs, limit, beforeId = null, actor = null, action = null } = query;
    const [kind, id] = [query.targetKind ?? null, query.targetId ?? null];
    return this.#runner.read("read the audit log", (sql) =>
      queryJson<AuditEntry>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${ENTRY} AS x FROM "AuditEntry"
         WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? AND (? IS NULL OR "id" < ?)
           AND (? IS NULL OR coalesce("actor", '') = ?)
           AND (? IS NULL OR "action" = ? OR substr("action", 1, length(?) + 1) = ? || '.')
           AND (? IS NULL OR "targetKind" = ?) AND (? IS NULL OR "targetId" = ?)
         ORDER BY "id" DESC LIMIT ?)`,
        ...[tenant, fromMs, toMs, beforeId, beforeId, actor, actor, action, action, action, action],
        ...[kind, kind, id, id, limit],
      ),
    );
  }

  walkAudit(
    tenant: TenantId,
    { afterId, limit }: Parameters<AuditReader["walkAudit"]>[1],
  ): Promise<readonly AuditEntry[]> {
    return this.#runner.read("walk the audit log", (sql) =>
      queryJson<AuditEntry>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${ENTRY} AS x FROM "AuditEntry"
         WHERE "tenantId" = ? AND "id" > ? ORDER BY "id" LIMIT ?)`,
        ...[tenant, afterId, limit],
      ),
    );
  }
}

/** Adds an entry to a tenant's chain. Runs in the transaction of what it tells of. */
export async function appendAudit(
  sql: Sql,
  tenant: TenantId,
  told: Omit<AuditEntry, "id" | "prevHash" | "hash">,
): Promise<void> {
  const [last] = await queryJson<{ id: number; hash: string }>(
    sql,
    `SELECT json_group_array(json_object('id', "id", 'hash', "hash")) AS json
     FROM (SELECT "id", "hash" FROM "AuditEntry" WHERE "tenantId" = ? ORDER BY "id" DESC LIMIT 1)`,
    tenant,
  );
  const entry = { ...told, id: (last?.id ?? 0) + 1, prevHash: last?.hash ?? "" };
  const { id, atMs, actor, address, action, targetKind, targetId, before, after, prevHash } = entry;
  await sql.$executeRawUnsafe(
    `INSERT INTO "AuditEntry" ("tenantId", "id", "atMs", "actor", "address", "action", "targetKind", "targetId", "before",
       "after", "prevHash", "hash") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[tenant, id, atMs, actor, address, action, targetKind, targetId, before, after, prevHash],
    hashOfEntry(tenant, entry),
  );
}

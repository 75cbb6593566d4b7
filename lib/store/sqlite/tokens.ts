import { type SourceToken, TOKEN_LIMITS } from "../../domain/source-token.ts";
import { WorldError } from "../../runtime/invariant.ts";
import type { TenantId } from "../port.ts";
import type { TokenReader, TokenWriter } from "../port-tokens.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

const OBJECT = `json_object('id', "id", 'tenant', "tenantId", 'name', "name", 'scopes', json("scopes"),
  'endpoints', json("endpoints"), 'nodes', json("nodes"), 'secretHash', "secretHash", 'createdMs', "createdMs",
  'createdBy', "createdBy", 'expiresMs', "expiresMs", 'lastUsedMs', "lastUsedMs", 'revokedMs', "revokedMs",
  'revokedBy', "revokedBy", 'successorId', "successorId")`;

/** Source tokens in SQLite (lib/store/port-tokens.ts). */
export class SqliteTokens implements TokenReader, TokenWriter {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readTokens(tenant: TenantId): Promise<readonly SourceToken[]> {
    return this.#runner.read("read tokens", (sql) =>
      queryJson<SourceToken>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${OBJECT} AS x FROM "SourceToken"
         WHERE "tenantId" = ? ORDER BY "createdMs" DESC, "id")`,
        tenant,
      ),
    );
  }

  readTokensOfAll(): Promise<readonly SourceToken[]> {
    return this.#runner.read("read tokens", (sql) =>
      queryJson<SourceToken>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${OBJECT} AS x FROM "SourceToken"
         WHERE "revokedMs" IS NULL)`,
      ),
    );
  }

  findTenant(name: string): Promise<TenantId | null> {
    return this.#runner.read("find a tenant", async (sql) => {
      const [id] = await queryJson<TenantId>(
        sql,
        `SELECT json_group_array("id") AS json FROM "Tenant" WHERE "name" = ?`,
        name,
      );
      return id ?? null;
    });
  }

  async createToken(tenant: TenantId, token: SourceToken): Promise<void> {
    await this.#runner.write("create a token", (sql) => insert(sql, tenant, token));
  }

  revokeToken(tenant: TenantId, { id, nowMs, by }: Parameters<TokenWriter["revokeToken"]>[1]) {
    return this.#runner.write("revoke a token", async (sql) => {
      const changed = await sql.$executeRawUnsafe(
        `UPDATE "SourceToken" SET "revokedMs" = ?, "revokedBy" = ?
         WHERE "tenantId" = ? AND "id" = ? AND "revokedMs" IS NULL`,
        ...[nowMs, by, tenant, id],
      );
      return changed > 0;
    });
  }

  rotateToken(tenant: TenantId, { id, untilMs, successor }: Parameters<TokenWriter["rotateToken"]>[1]) {
    return this.#runner.write("rotate a token", async (sql) => {
      const changed = await sql.$executeRawUnsafe(
        `UPDATE "SourceToken" SET "expiresMs" = min(coalesce("expiresMs", ?), ?), "successorId" = ?
         WHERE "tenantId" = ? AND "id" = ? AND "revokedMs" IS NULL AND "successorId" IS NULL`,
        ...[untilMs, untilMs, successor.id, tenant, id],
      );
      if (changed > 0) await insert(sql, tenant, successor);
      return changed > 0;
    });
  }

  async touchTokens(usedMs: ReadonlyMap<string, number>): Promise<void> {
    if (usedMs.size === 0) return;
    await this.#runner.write("note uses of tokens", (sql) =>
      sql.$executeRawUnsafe(
        `UPDATE "SourceToken" SET "lastUsedMs" = used."ms"
         FROM (SELECT value->>0 AS "id", value->>1 AS "ms" FROM json_each(?)) AS used
         WHERE "SourceToken"."id" = used."id" AND coalesce("SourceToken"."lastUsedMs", 0) < used."ms"`,
        JSON.stringify([...usedMs]),
      ),
    );
  }
}

async function insert(sql: Sql, tenant: TenantId, token: SourceToken): Promise<void> {
  const changed = await sql.$executeRawUnsafe(
    `INSERT INTO "SourceToken" ("id", "tenantId", "name", "scopes", "endpoints", "nodes", "secretHash", "createdMs",
       "createdBy", "expiresMs")
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
     WHERE (SELECT count(*) FROM "SourceToken" WHERE "tenantId" = ? AND "revokedMs" IS NULL) < ${TOKEN_LIMITS.tokens}`,
    ...[token.id, tenant, token.name, JSON.stringify(token.scopes), listOf(token.endpoints)],
    ...[listOf(token.nodes), token.secretHash, token.createdMs, token.createdBy, token.expiresMs, tenant],
  );
  if (changed === 0)
    throw new WorldError(`a tenant has ${TOKEN_LIMITS.tokens} tokens at most`, { retryable: false });
}

const listOf = (names: readonly string[] | null): string | null => names && JSON.stringify(names);

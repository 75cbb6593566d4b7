import type { TenantId } from "../port.ts";
import type {
  PolicyReader,
  PolicyWriter,
  StoredException,
  StoredIntent,
  StoredThreshold,
} from "../port-policy.ts";
import { queryJson } from "./client.ts";
import type { Runner } from "./runner.ts";

/** What people decided about hygiene rules, in SQLite (lib/store/port-policy.ts). */
export class SqlitePolicy implements PolicyReader, PolicyWriter {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readThresholds(tenant: TenantId): Promise<readonly StoredThreshold[]> {
    return this.#runner.read("read thresholds", (sql) =>
      queryJson<StoredThreshold>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('rule', "rule", 'threshold', json("threshold"),
           'actor', "actor", 'updatedMs', "updatedMs") AS x FROM "PolicyThreshold" WHERE "tenantId" = ? ORDER BY "rule")`,
        tenant,
      ),
    );
  }

  readExceptions(tenant: TenantId): Promise<readonly StoredException[]> {
    return this.#runner.read("read exceptions", (sql) =>
      queryJson<StoredException>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('id', "id", 'rule', "rule",
           'endpoint', "endpoint", 'reason', "reason", 'actor', "actor", 'createdMs', "createdMs",
           'expiresMs', "expiresMs", 'endedMs', "endedMs") AS x
         FROM "PolicyException" WHERE "tenantId" = ? ORDER BY "createdMs" DESC, "id")`,
        tenant,
      ),
    );
  }

  readIntents(tenant: TenantId): Promise<readonly StoredIntent[]> {
    return this.#runner.read("read declarations", (sql) =>
      queryJson<StoredIntent>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('endpoint', nullif("endpoint", ''),
           'intent', json("intent"), 'actor', "actor", 'updatedMs', "updatedMs") AS x
         FROM "PolicyIntent" WHERE "tenantId" = ? ORDER BY "endpoint")`,
        tenant,
      ),
    );
  }

  async saveThreshold(
    tenant: TenantId,
    { rule, threshold, actor, updatedMs }: StoredThreshold,
  ): Promise<void> {
    await this.#runner.write("save a threshold", (sql) =>
      threshold === null
        ? sql.$executeRawUnsafe(
            `DELETE FROM "PolicyThreshold" WHERE "tenantId" = ? AND "rule" = ?`,
            tenant,
            rule,
          )
        : sql.$executeRawUnsafe(
            `INSERT INTO "PolicyThreshold" ("tenantId", "rule", "threshold", "actor", "updatedMs") VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET "threshold" = excluded."threshold", "actor" = excluded."actor",
               "updatedMs" = excluded."updatedMs"`,
            tenant,
            rule,
            JSON.stringify(threshold),
            actor,
            updatedMs,
          ),
    );
  }

  async saveException(tenant: TenantId, exception: StoredException): Promise<void> {
    const { id, rule, endpoint, reason, actor, createdMs, expiresMs, endedMs } = exception;
    await this.#runner.write("save an exception", (sql) =>
      sql.$executeRawUnsafe(
        `INSERT INTO "PolicyException" ("tenantId", "id", "rule", "endpoint", "reason", "actor", "createdMs", "expiresMs",
           "endedMs") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET "rule" = excluded."rule", "endpoint" = excluded."endpoint",
           "reason" = excluded."reason", "actor" = excluded."actor", "createdMs" = excluded."createdMs",
           "expiresMs" = excluded."expiresMs", "endedMs" = excluded."endedMs"`,
        ...[tenant, id, rule, endpoint, reason, actor, createdMs, expiresMs, endedMs],
      ),
    );
  }

  async saveIntent(tenant: TenantId, { endpoint, intent, actor, updatedMs }: StoredIntent): Promise<void> {
    await this.#runner.write("save declarations", (sql) =>
      sql.$executeRawUnsafe(
        `INSERT INTO "PolicyIntent" ("tenantId", "endpoint", "intent", "actor", "updatedMs") VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET "intent" = excluded."intent", "actor" = excluded."actor",
           "updatedMs" = excluded."updatedMs"`,
        ...[tenant, endpoint ?? "", JSON.stringify(intent), actor, updatedMs],
      ),
    );
  }
}

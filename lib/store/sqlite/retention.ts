import type { TenantId } from "../port.ts";
import type { RetentionActor, RetentionReader, TenantRetention } from "../port-upkeep.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

const SHOWN = `json_object('tenant', "tenantId", 'historyMs', "historyMs", 'samplesMs', "samplesMs")`;

/** What tenants decided about their retention. */
export function readRetentions(sql: Sql): Promise<(TenantRetention & { readonly tenant: TenantId })[]> {
  return queryJson(sql, `SELECT json_group_array(json(${SHOWN})) AS json FROM "TenantRetention"`);
}

/** Retention of a tenant in SQLite (lib/store/port-upkeep.ts). */
export class SqliteRetention implements RetentionReader, RetentionActor {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readRetention(tenant: TenantId): Promise<TenantRetention> {
    return this.#runner.read("read a retention", async (sql) => {
      const found = (await readRetentions(sql)).find((one) => one.tenant === tenant);
      return { historyMs: found?.historyMs ?? null, samplesMs: found?.samplesMs ?? null };
    });
  }

  async saveRetention(tenant: TenantId, { historyMs, samplesMs }: TenantRetention): Promise<void> {
    await this.#runner.write("save a retention", (sql) =>
      historyMs === null && samplesMs === null
        ? sql.$executeRawUnsafe(`DELETE FROM "TenantRetention" WHERE "tenantId" = ?`, tenant)
        : sql.$executeRawUnsafe(
            `INSERT INTO "TenantRetention" ("tenantId", "historyMs", "samplesMs") VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET "historyMs" = excluded."historyMs", "samplesMs" = excluded."samplesMs"`,
            ...[tenant, historyMs, samplesMs],
          ),
    );
  }
}

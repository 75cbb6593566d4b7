import type { TenantId } from "../port.ts";
import type {
  Agreement,
  ProbeReader,
  ProbeWriter,
  StoredProbeResult,
  StoredProbeTarget,
} from "../port-probe.ts";
import { queryJson } from "./client.ts";
import type { Runner } from "./runner.ts";

const flag = (column: string): string =>
  `CASE "${column}" WHEN 1 THEN json('true') WHEN 0 THEN json('false') END`;
const TARGET = `json_object('id', "id", 'origin', "origin", 'endpoint', "endpoint", 'paused', ${flag("paused")},
  'spec', json("spec"), 'createdMs', "createdMs", 'updatedMs', "updatedMs")`;
const RESULT = `json_object('targetId', "targetId", 'endpoint', "endpoint", 'node', "node", 'atMs', "atMs",
  'ok', ${flag("ok")}, 'result', json("result"))`;
const AGREEMENT = `json_object('targetId', "targetId", 'endpoint', "endpoint", 'fromNode', "fromNode",
  'toNode', "toNode", 'mechanism', "mechanism", 'accepted', ${flag("accepted")}, 'reason', "reason", 'atMs', "atMs")`;

const SAVE_TARGET = `INSERT INTO "ProbeTarget" ("tenantId", "id", "origin", "endpoint", "paused", "spec", "createdMs",
    "updatedMs") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET "origin" = excluded."origin", "endpoint" = excluded."endpoint",
    "paused" = excluded."paused", "spec" = excluded."spec", "updatedMs" = excluded."updatedMs"`;
const SAVE_RESULTS = `INSERT INTO "ProbeResult" ("tenantId", "targetId", "endpoint", "node", "atMs", "ok", "result")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?)`;
const SAVE_AGREEMENTS = `INSERT INTO "ProbeAgreement" ("tenantId", "targetId", "endpoint", "fromNode", "toNode",
    "mechanism", "accepted", "reason", "atMs")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each(?)`;

type ResultQuery = Parameters<ProbeReader["readProbes"]>[1];
type AgreementQuery = Parameters<ProbeReader["readAgreements"]>[1];
type Found = Parameters<ProbeWriter["saveProbes"]>[1];

/** The prober's targets and findings in SQLite (lib/store/port-probe.ts). */
export class SqliteProbes implements ProbeReader, ProbeWriter {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readProbeTargets(tenant: TenantId): Promise<readonly StoredProbeTarget[]> {
    return this.#runner.read("read probe targets", (sql) =>
      queryJson<StoredProbeTarget>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${TARGET} AS x FROM "ProbeTarget"
         WHERE "tenantId" = ? ORDER BY "endpoint", "id")`,
        tenant,
      ),
    );
  }

  readNewestProbes(tenant: TenantId): Promise<readonly StoredProbeResult[]> {
    return this.#runner.read("read the newest probes", (sql) =>
      queryJson<StoredProbeResult>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${RESULT} AS x FROM "ProbeResult" WHERE "id" IN
           (SELECT max("id") FROM "ProbeResult" WHERE "tenantId" = ? GROUP BY "targetId", "node")
         ORDER BY "targetId", "node")`,
        tenant,
      ),
    );
  }

  readProbes(tenant: TenantId, query: ResultQuery): Promise<readonly StoredProbeResult[]> {
    const [targetId, node] = [query.targetId ?? null, query.node ?? null];
    return this.#runner.read("read probes", (sql) =>
      queryJson<StoredProbeResult>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${RESULT} AS x FROM "ProbeResult"
         WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? AND (? IS NULL OR "targetId" = ?)
           AND (? IS NULL OR "node" = ?) ORDER BY "atMs" DESC, "id" DESC LIMIT ?)`,
        ...[tenant, query.fromMs, query.toMs, targetId, targetId, node, node, query.limit],
      ),
    );
  }

  readAgreements(tenant: TenantId, query: AgreementQuery): Promise<readonly Agreement[]> {
    const endpoint = query.endpoint ?? null;
    return this.#runner.read("read agreements", (sql) =>
      queryJson<Agreement>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${AGREEMENT} AS x FROM "ProbeAgreement"
         WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? AND (? IS NULL OR "endpoint" = ?)
         ORDER BY "atMs" DESC, "id" DESC LIMIT ?)`,
        ...[tenant, query.fromMs, query.toMs, endpoint, endpoint, query.limit],
      ),
    );
  }

  async saveProbeTarget(tenant: TenantId, target: StoredProbeTarget): Promise<void> {
    const { id, origin, endpoint, paused, spec, createdMs, updatedMs } = target;
    await this.#runner.write("save a probe target", (sql) =>
      sql.$executeRawUnsafe(
        SAVE_TARGET,
        ...[tenant, id, origin, endpoint, paused ? 1 : 0, JSON.stringify(spec), createdMs, updatedMs],
      ),
    );
  }

  async deleteProbeTarget(tenant: TenantId, id: string): Promise<void> {
    await this.#runner.write("delete a probe target", (sql) =>
      sql.$executeRawUnsafe(`DELETE FROM "ProbeTarget" WHERE "tenantId" = ? AND "id" = ?`, tenant, id),
    );
  }

  async saveProbes(tenant: TenantId, { results, agreements }: Found): Promise<void> {
    if (results.length + agreements.length === 0) return;
    const found = results.map((r) => [
      ...[r.targetId, r.endpoint, r.node, r.atMs, r.ok ? 1 : 0, JSON.stringify(r.result)],
    ]);
    const agreed = agreements.map((a) => [
      ...[a.targetId, a.endpoint, a.fromNode, a.toNode, a.mechanism],
      ...[a.accepted === null ? null : a.accepted ? 1 : 0, a.reason, a.atMs],
    ]);
    await this.#runner.write("save probes", async (sql) => {
      await sql.$executeRawUnsafe(SAVE_RESULTS, tenant, JSON.stringify(found));
      await sql.$executeRawUnsafe(SAVE_AGREEMENTS, tenant, JSON.stringify(agreed));
    });
  }
}

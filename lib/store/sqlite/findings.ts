import type { Finding } from "../../domain/findings.ts";
import type { TenantId } from "../port.ts";
import type { FindingReader, FindingWriter, StoredFinding } from "../port-findings.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Runner } from "./runner.ts";

const FINDING = `json_object('id', "id", 'kind', "kind", 'severity', "severity", 'state', "state", 'endpoint', "endpoint",
  'node', "node", 'firstMs', "firstMs", 'lastMs', "lastMs", 'count', "count", 'title', "title",
  'evidence', json("evidence"), 'updatedMs', "updatedMs", 'acknowledgedBy', "acknowledgedBy",
  'acknowledgedMs', "acknowledgedMs")`;

// While a finding is closed, `updatedMs` is when that was done: what is seen after it opens the finding again, and then
// nobody has acknowledged it. Whoever found something before knows its count best; after a restart that may be smaller.
const AGAIN = `("state" = 'closed' AND excluded."lastMs" > "updatedMs")`;
const NEWER = `excluded."lastMs" >= "lastMs"`;
const UPSERT = `INSERT INTO "Finding" ("tenantId", "id", "kind", "severity", "state", "endpoint", "node", "firstMs", "lastMs",
    "count", "title", "evidence", "updatedMs")
  SELECT ?, value->>0, value->>1, value->>2, 'open', value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
    value->>9, ? FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET "firstMs" = min("firstMs", excluded."firstMs"), "lastMs" = max("lastMs", excluded."lastMs"),
    "count" = max("count", excluded."count"),
    "severity" = CASE WHEN ${NEWER} THEN excluded."severity" ELSE "severity" END,
    "title" = CASE WHEN ${NEWER} THEN excluded."title" ELSE "title" END,
    "evidence" = CASE WHEN ${NEWER} THEN excluded."evidence" ELSE "evidence" END,
    "updatedMs" = CASE WHEN "state" = 'closed' AND NOT ${AGAIN} THEN "updatedMs"
      ELSE max("updatedMs", excluded."updatedMs") END,
    "acknowledgedBy" = CASE WHEN ${AGAIN} THEN NULL ELSE "acknowledgedBy" END,
    "acknowledgedMs" = CASE WHEN ${AGAIN} THEN NULL ELSE "acknowledgedMs" END,
    "state" = CASE WHEN ${AGAIN} THEN 'open' ELSE "state" END`;

type Act = Parameters<FindingWriter["actOnFinding"]>[1];
type Query = Parameters<FindingReader["readFindings"]>[1];

/** Findings in SQLite (lib/store/port-findings.ts). */
export class SqliteFindings implements FindingReader, FindingWriter {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readFindings(tenant: TenantId, query: Query): Promise<readonly StoredFinding[]> {
    return this.#runner.read("read findings", (sql) => readFindings(sql, tenant, query));
  }

  async saveFindings(tenant: TenantId, findings: readonly Finding[], nowMs: number): Promise<void> {
    if (findings.length === 0) return;
    const rows = findings.map((f) => [
      ...[f.id, f.kind, f.severity, f.endpoint, f.node, f.firstMs, f.lastMs, f.count, f.title],
      JSON.stringify(f.evidence),
    ]);
    await this.#runner.write("save findings", (sql) =>
      sql.$executeRawUnsafe(UPSERT, tenant, nowMs, JSON.stringify(rows)),
    );
  }

  actOnFinding(tenant: TenantId, act: Act): Promise<StoredFinding | null> {
    return this.#runner.write("act on a finding", (sql) => actOnFinding(sql, tenant, act));
  }
}

function readFindings(sql: Sql, tenant: TenantId, query: Query): Promise<StoredFinding[]> {
  const kinds = query.kinds ? JSON.stringify(query.kinds) : null;
  const states = query.states ? JSON.stringify(query.states) : null;
  const endpoint = query.endpoint ?? null;
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT ${FINDING} AS x FROM "Finding"
     WHERE "tenantId" = ? AND "lastMs" >= ? AND "lastMs" < ?
       AND (? IS NULL OR "kind" IN (SELECT value FROM json_each(?)))
       AND (? IS NULL OR "state" IN (SELECT value FROM json_each(?)))
       AND (? IS NULL OR "endpoint" = ?)
     ORDER BY "lastMs" DESC, "id" LIMIT ?)`,
    ...[tenant, query.fromMs, query.toMs, kinds, kinds, states, states, endpoint, endpoint, query.limit],
  );
}

async function readFinding(sql: Sql, tenant: TenantId, id: string): Promise<StoredFinding | null> {
  const [finding] = await queryJson<StoredFinding>(
    sql,
    `SELECT json_group_array(json(${FINDING})) AS json FROM "Finding" WHERE "tenantId" = ? AND "id" = ?`,
    tenant,
    id,
  );
  return finding ?? null;
}

async function actOnFinding(sql: Sql, tenant: TenantId, act: Act): Promise<StoredFinding | null> {
  const before = await readFinding(sql, tenant, act.id);
  const after = before && outcomeOf(before, act);
  if (!after) return before;
  await sql.$executeRawUnsafe(
    `UPDATE "Finding" SET "state" = ?, "acknowledgedBy" = ?, "acknowledgedMs" = ?, "updatedMs" = ?
     WHERE "tenantId" = ? AND "id" = ?`,
    ...[after.state, after.acknowledgedBy, after.acknowledgedMs, act.nowMs, tenant, act.id],
  );
  return readFinding(sql, tenant, act.id);
}

/** What an act makes of a finding; null where it is so already. Whoever closes what nobody acknowledged does both. */
function outcomeOf(now: StoredFinding, { action, actor, nowMs }: Act) {
  const by = { acknowledgedBy: actor, acknowledgedMs: nowMs };
  const kept = { acknowledgedBy: now.acknowledgedBy, acknowledgedMs: now.acknowledgedMs };
  switch (action) {
    case "acknowledge":
      return now.state === "open" ? { state: "acknowledged", ...by } : null;
    case "close":
      if (now.state === "closed") return null;
      return { state: "closed", ...(now.state === "acknowledged" ? kept : by) };
    case "reopen":
      return now.state === "open" ? null : { state: "open", acknowledgedBy: null, acknowledgedMs: null };
  }
}

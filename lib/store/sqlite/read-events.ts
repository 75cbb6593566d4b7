import type { CacheSample, Handshake } from "../../domain/handshake.ts";
import type { FarSums } from "../far-sums.ts";
import type {
  BatchRecord,
  ChangeQuery,
  SourceMinute,
  StoredChange,
  StoredSample,
  StoredSource,
  TenantId,
} from "../port.ts";
import { queryJson, type Sql } from "./client.ts";
import { compactedTier } from "./tiers.ts";

const MINUTE_TOTAL = compactedTier(60_000, "total").id;
const HOUR_TOTAL = compactedTier(3_600_000, "total").id;

const CHANGE = `json_object('id', "id", 'kind', "kind", 'atMs', "atMs", 'endMs', "endMs", 'endpoint', "endpoint",
  'node', "node", 'region', "region", 'title', "title", 'detail', "detail", 'ref', "ref", 'actor', "actor",
  'recordedMs', "recordedMs", 'via', "via")`;

/** Changes that touch [fromMs, toMs), newest first; a scope filter keeps changes without that scope. */
export function readChanges(sql: Sql, tenant: TenantId, query: ChangeQuery): Promise<StoredChange[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT ${CHANGE} AS x FROM "Change"
     WHERE "tenantId" = ? AND "atMs" < ? AND coalesce("endMs", "atMs") >= ?
       AND (? IS NULL OR "endpoint" IS NULL OR "endpoint" = ?) AND (? IS NULL OR "node" IS NULL OR "node" = ?)
     ORDER BY "atMs" DESC, "id" LIMIT ?)`,
    tenant,
    query.toMs,
    query.fromMs,
    query.endpoint ?? null,
    query.endpoint ?? null,
    query.node ?? null,
    query.node ?? null,
    query.limit,
  );
}

/** One change by its id. */
export async function readChange(sql: Sql, tenant: TenantId, id: string): Promise<StoredChange | null> {
  const [change] = await queryJson<StoredChange>(
    sql,
    `SELECT json_group_array(json(${CHANGE})) AS json FROM "Change" WHERE "tenantId" = ? AND "id" = ?`,
    tenant,
    id,
  );
  return change ?? null;
}

export type ScopedQuery = { readonly fromMs: number; readonly toMs: number; readonly limit: number };

/** Cache readings in [fromMs, toMs), oldest first; the newest `limit` of them. */
export function readCaches(
  sql: Sql,
  tenant: TenantId,
  query: ScopedQuery & { readonly endpoint?: string; readonly node?: string },
): Promise<CacheSample[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT x FROM (SELECT "atMs", "id", json_object('atMs', "atMs",
       'endpoint', "endpoint", 'node', "node", 'cache', "cache", 'hits', "hits", 'misses', "misses",
       'inserts', "inserts", 'evictions', "evictions", 'entries', "entries", 'capacity', "capacity",
       'timeoutS', "timeoutS") AS x FROM "CacheSample"
     WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? AND (? IS NULL OR "endpoint" = ?)
       AND (? IS NULL OR "node" = ?) ORDER BY "atMs" DESC, "id" DESC LIMIT ?) ORDER BY "atMs", "id")`,
    tenant,
    query.fromMs,
    query.toMs,
    query.endpoint ?? null,
    query.endpoint ?? null,
    query.node ?? null,
    query.node ?? null,
    query.limit,
  );
}

/** Everybody who ever sent, freshest first, with what was refused of them. */
export function readSources(sql: Sql, tenant: TenantId): Promise<StoredSource[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('source', s."source",
       'transport', s."transport", 'sender', s."sender", 'firstSeenMs', s."firstSeenMs",
       'lastSeenMs', s."lastSeenMs", 'lastEventMs', s."lastEventMs", 'accepted', s."accepted",
       'rejected', s."rejected", 'duplicate', s."duplicate", 'overflowed', s."overflowed",
       'lastHandshake', json(s."lastHandshake"),
       'rejections', json((SELECT json_group_array(json_object('reason', r."reason", 'count', r."count",
          'lastMs', r."lastMs", 'sample', r."sample")) FROM "SourceRejection" r
          WHERE r."tenantId" = s."tenantId" AND r."source" = s."source" AND r."transport" = s."transport"
            AND r."sender" = s."sender")),
       'breaches', json((SELECT json_group_array(json_object('invariant', b."invariant", 'count', b."count",
          'firstMs', b."firstMs", 'lastMs', b."lastMs", 'detail', b."detail")) FROM "SourceBreach" b
          WHERE b."tenantId" = s."tenantId" AND b."source" = s."source" AND b."transport" = s."transport"
            AND b."sender" = s."sender"))) AS x
     FROM "Source" s WHERE s."tenantId" = ? ORDER BY s."lastSeenMs" DESC, s."source", s."sender")`,
    tenant,
  );
}

/** Minutes of arrival in [fromMs, toMs), oldest first. */
export function readSourceMinutes(
  sql: Sql,
  tenant: TenantId,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<SourceMinute[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('source', "source", 'transport', "transport",
       'sender', "sender", 'minuteMs', "minuteMs", 'accepted', "accepted", 'rejected', "rejected", 'lagMs', "lagMs")
       AS x FROM "SourceMinute" WHERE "tenantId" = ? AND "minuteMs" >= ? AND "minuteMs" < ? ORDER BY "minuteMs")`,
    tenant,
    window.fromMs,
    window.toMs,
  );
}

/** Kept handshakes in [fromMs, toMs), newest first. */
export async function readSamples(
  sql: Sql,
  tenant: TenantId,
  query: ScopedQuery & { readonly endpoint?: string; readonly sampleKind?: string },
): Promise<StoredSample[]> {
  const rows = await queryJson<[number, string, string]>(
    sql,
    `SELECT json_group_array(json_array("id", "sampleKind", "handshake")) AS json FROM (SELECT * FROM "Sample"
     WHERE "tenantId" = ? AND "atMs" >= ? AND "atMs" < ? AND (? IS NULL OR "endpoint" = ?)
       AND (? IS NULL OR "sampleKind" = ?) ORDER BY "atMs" DESC, "id" DESC LIMIT ?)`,
    tenant,
    query.fromMs,
    query.toMs,
    query.endpoint ?? null,
    query.endpoint ?? null,
    query.sampleKind ?? null,
    query.sampleKind ?? null,
    query.limit,
  );
  return rows.map(([id, sampleKind, text]) => ({ id, sampleKind, handshake: JSON.parse(text) as Handshake }));
}

/** What was answered to a push with this key. */
export async function findBatch(sql: Sql, tenant: TenantId, key: string): Promise<BatchRecord | null> {
  const [batch] = await queryJson<BatchRecord>(
    sql,
    `SELECT json_group_array(json_object('key', "key", 'digest', "digest", 'reply', "reply")) AS json
     FROM "Batch" WHERE "tenantId" = ? AND "key" = ?`,
    tenant,
    key,
  );
  return batch ?? null;
}

type ExtentRow = number | null;

/** First bucket start and last bucket end that hold anything. */
export async function readExtent(
  sql: Sql,
  tenant: TenantId,
  far: FarSums | null,
): Promise<{ fromMs: number; toMs: number } | null> {
  const edge = (fn: "min" | "max", tier: number): string =>
    `(SELECT ${fn}("bucketStartMs") FROM "Rollup" WHERE "tier" = ${tier} AND "tenantId" = t AND "endpointId" = 0)`;
  const fineEdge = (column: 'min("fromMs")' | 'max("toMs")'): string =>
    `(SELECT ${column} FROM "CellBlock" WHERE "tenantId" = t)`;
  const [nearHour, firstFine, nearLastMinute, nearLastHour, lastFine] = await queryJson<ExtentRow>(
    sql,
    `SELECT json_array(${edge("min", HOUR_TOTAL)}, ${fineEdge('min("fromMs")')}, ${edge("max", MINUTE_TOTAL)},
       ${edge("max", HOUR_TOTAL)}, ${fineEdge('max("toMs")')}) AS json FROM (SELECT ? AS t)`,
    tenant,
  );
  const sums = (await far?.extent(tenant)) ?? {
    ...{ firstHourMs: nearHour, lastMinuteMs: nearLastMinute, lastHourMs: nearLastHour },
  };
  const [firstHour, lastMinute, lastHour] = [sums.firstHourMs, sums.lastMinuteMs, sums.lastHourMs];
  const starts = known([firstHour, firstFine]);
  if (starts.length === 0) return null;
  // The finest row that is left tells the newest end best.
  const end =
    lastFine != null ? lastFine : lastMinute != null ? lastMinute + 60_000 : (lastHour ?? 0) + 3_600_000;
  return { fromMs: Math.min(...starts), toMs: Math.max(end, lastMinute ?? 0) };
}

function known(values: readonly (ExtentRow | undefined)[]): number[] {
  return values.filter((value) => value !== null && value !== undefined);
}

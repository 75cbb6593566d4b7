import type { CacheSample, Change } from "../../domain/handshake.ts";
import type { BatchRecord, HandshakeSample, SourceDelta, TenantId } from "../port.ts";
import type { Sql } from "./client.ts";

/** Adds handshakes kept as samples. */
export async function writeSamples(
  sql: Sql,
  tenant: TenantId,
  samples: readonly HandshakeSample[],
): Promise<void> {
  if (samples.length === 0) return;
  const rows = samples.map(({ sampleKind, handshake }) => [
    handshake.atMs,
    sampleKind,
    handshake.endpoint,
    JSON.stringify(handshake),
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "Sample" ("tenantId", "atMs", "sampleKind", "endpoint", "handshake")
     SELECT ?, value->>0, value->>1, value->>2, value->>3 FROM json_each(?)`,
    tenant,
    JSON.stringify(rows),
  );
}

export type ChangeMeta = { readonly nowMs: number; readonly via: string };

/** Records changes; one whose id is known already stays as it is. */
export async function writeChanges(
  sql: Sql,
  tenant: TenantId,
  input: { readonly changes: readonly (Change & { readonly via?: string })[] } & ChangeMeta,
): Promise<void> {
  if (input.changes.length === 0) return;
  const rows = input.changes.map((c) => [
    c.id,
    c.kind,
    c.atMs,
    c.endMs,
    c.endpoint,
    c.node,
    c.region,
    c.title,
    c.detail,
    c.ref,
    c.actor,
    c.via ?? input.via,
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "Change" ("tenantId", "id", "kind", "atMs", "endMs", "endpoint", "node", "region", "title",
       "detail", "ref", "actor", "recordedMs", "via")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
       value->>9, value->>10, ?, value->>11 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    tenant,
    input.nowMs,
    JSON.stringify(rows),
  );
}

/** Adds cache readings. */
export async function writeCaches(sql: Sql, tenant: TenantId, caches: readonly CacheSample[]): Promise<void> {
  if (caches.length === 0) return;
  const rows = caches.map((c) => [
    c.atMs,
    c.endpoint,
    c.node,
    c.cache,
    c.hits,
    c.misses,
    c.inserts,
    c.evictions,
    c.entries,
    c.capacity,
    c.timeoutS,
  ]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "CacheSample" ("tenantId", "atMs", "endpoint", "node", "cache", "hits", "misses", "inserts",
       "evictions", "entries", "capacity", "timeoutS")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
       value->>9, value->>10 FROM json_each(?)`,
    tenant,
    JSON.stringify(rows),
  );
}

const UPSERT_SOURCE = `INSERT INTO "Source" ("tenantId", "source", "transport", "sender", "firstSeenMs", "lastSeenMs",
    "lastEventMs", "accepted", "rejected", "duplicate", "overflowed", "lastHandshake")
  SELECT ?, value->>0, value->>1, value->>2, ?, ?, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET
    "lastSeenMs" = max("lastSeenMs", excluded."lastSeenMs"),
    "lastEventMs" = nullif(max(coalesce("lastEventMs", -1), coalesce(excluded."lastEventMs", -1)), -1),
    "accepted" = "accepted" + excluded."accepted", "rejected" = "rejected" + excluded."rejected",
    "duplicate" = "duplicate" + excluded."duplicate", "overflowed" = "overflowed" + excluded."overflowed",
    "lastHandshake" = coalesce(excluded."lastHandshake", "lastHandshake")`;

const MINUTE_MS = 60_000;
const UPSERT_MINUTE = `INSERT INTO "SourceMinute" ("tenantId", "source", "transport", "sender", "minuteMs", "accepted",
    "rejected", "lagMs")
  SELECT ?, value->>0, value->>1, value->>2, ?, value->>4, value->>5, max(0, ? - (value->>3))
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET "accepted" = "accepted" + excluded."accepted",
    "rejected" = "rejected" + excluded."rejected",
    "lagMs" = nullif(max(coalesce("lagMs", -1), coalesce(excluded."lagMs", -1)), -1)`;

const UPSERT_REJECTION = `INSERT INTO "SourceRejection" ("tenantId", "source", "transport", "sender", "reason",
    "count", "lastMs", "sample")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, ?, value->>5
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET "count" = "count" + excluded."count",
    "lastMs" = excluded."lastMs", "sample" = coalesce(excluded."sample", "sample")`;

const UPSERT_BREACH = `INSERT INTO "SourceBreach" ("tenantId", "source", "transport", "sender", "invariant", "count",
    "firstMs", "lastMs", "detail")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, ?, ?, value->>5
  FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET "count" = "count" + excluded."count",
    "lastMs" = excluded."lastMs", "detail" = excluded."detail"`;

/** Adds to the counters of sources and to what was refused of them, by reason. */
export async function writeSources(
  sql: Sql,
  tenant: TenantId,
  input: { readonly sources: readonly SourceDelta[]; readonly nowMs: number },
): Promise<void> {
  if (input.sources.length === 0) return;
  const rows = input.sources.map((s) => [
    s.source,
    s.transport,
    s.sender,
    s.lastEventMs,
    s.accepted,
    s.rejected,
    s.duplicate,
    s.overflowed,
    s.lastHandshake && JSON.stringify(s.lastHandshake),
  ]);
  const text = JSON.stringify(rows);
  await sql.$executeRawUnsafe(UPSERT_SOURCE, tenant, input.nowMs, input.nowMs, text);
  const minuteMs = Math.floor(input.nowMs / MINUTE_MS) * MINUTE_MS;
  await sql.$executeRawUnsafe(UPSERT_MINUTE, tenant, minuteMs, input.nowMs, text);
  const rejections = input.sources.flatMap((s) =>
    [...s.rejections].map(([reason, r]) => [s.source, s.transport, s.sender, reason, r.count, r.sample]),
  );
  if (rejections.length)
    await sql.$executeRawUnsafe(UPSERT_REJECTION, tenant, input.nowMs, JSON.stringify(rejections));
  const breaches = input.sources.flatMap((s) =>
    [...s.breaches].map(([invariant, b]) => [s.source, s.transport, s.sender, invariant, b.count, b.detail]),
  );
  if (breaches.length)
    await sql.$executeRawUnsafe(UPSERT_BREACH, tenant, input.nowMs, input.nowMs, JSON.stringify(breaches));
}

/** Remembers answered pushes. */
export async function writeBatches(
  sql: Sql,
  tenant: TenantId,
  input: { readonly batches: readonly BatchRecord[]; readonly nowMs: number },
): Promise<void> {
  if (input.batches.length === 0) return;
  const rows = input.batches.map((b) => [b.key, b.digest, b.reply]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "Batch" ("tenantId", "key", "digest", "reply", "atMs")
     SELECT ?, value->>0, value->>1, value->>2, ? FROM json_each(?)`,
    tenant,
    input.nowMs,
    JSON.stringify(rows),
  );
}

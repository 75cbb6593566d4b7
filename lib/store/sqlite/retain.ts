import type { Retention, RetentionReport } from "../port-upkeep.ts";
import { queryJson, type Sql } from "./client.ts";
import { COMPACTED, TEN_SECONDS } from "./tiers.ts";

/** Most rows that one statement deletes, so that no push waits long behind it. */
const PORTION_ROWS = 20_000;
/** Most samples kept for one tenant, whatever their age. */
export const MAX_SAMPLES = 20_000;

type Run = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * Deletes what is older than its retention. Each portion is a transaction of its own (`run`), so pushes get in between.
 * Ten-second rows that are not summed yet are never deleted, however old.
 */
export async function retain(
  run: Run,
  input: { readonly nowMs: number; readonly retention: Retention; readonly compactedUntilMs: number },
): Promise<RetentionReport> {
  const { nowMs, retention } = input;
  const deleted: Record<string, number> = {};
  const endpoints = await run((sql) =>
    queryJson<[number, number]>(
      sql,
      `SELECT json_group_array(json_array(t, e)) AS json FROM (SELECT "tenantId" AS t, "id" AS e FROM "Endpoint"
       UNION ALL SELECT "id", 0 FROM "Tenant")`,
    ),
  );
  for (const tier of [TEN_SECONDS, ...COMPACTED]) {
    const kept = nowMs - keepMs(tier.resolutionMs, retention);
    const before = tier === TEN_SECONDS ? Math.min(kept, input.compactedUntilMs) : kept;
    let count = 0;
    for (const [tenantId, endpointId] of endpoints)
      count += await deletePortions(run, DELETE_ROLLUPS, [tier.id, tenantId, endpointId, before]);
    deleted[`rollup_${tier.resolutionMs / 1000}s_${tier.grain}`] = count;
  }
  deleted.sample = await deletePortions(run, deleteOlder("Sample"), [nowMs - retention.samplesMs]);
  deleted.sample += await deletePortions(run, DELETE_SURPLUS_SAMPLES, []);
  deleted.cache_sample = await deletePortions(run, deleteOlder("CacheSample"), [nowMs - retention.hoursMs]);
  deleted.change = await deletePortions(run, deleteOlder("Change"), [nowMs - retention.hoursMs]);
  deleted.incident = await deletePortions(run, deleteOlder("Incident", "resolvedMs"), [
    nowMs - retention.hoursMs,
  ]);
  deleted.incident_update = await deletePortions(run, DELETE_ORPHANED_UPDATES, []);
  deleted.finding = await deletePortions(run, deleteOlder("Finding", "lastMs"), [nowMs - retention.hoursMs]);
  deleted.tls_alert = await deletePortions(run, deleteOlder("TlsAlertCount", "bucketStartMs"), [
    nowMs - retention.minutesMs,
  ]);
  deleted.source_minute = await deletePortions(run, deleteOlder("SourceMinute", "minuteMs"), [
    nowMs - retention.minutesMs,
  ]);
  // A counter that is heard again after that begins anew: its first reading is a baseline.
  deleted.counter_state = await deletePortions(run, deleteOlder("CounterState"), [
    nowMs - retention.minutesMs,
  ]);
  await retainKeys(run, deleted, { nowMs, retention });
  await retainProbes(run, deleted, nowMs - retention.minutesMs);
  await retainAlerting(run, deleted, { nowMs, retention });
  deleted.batch = await deletePortions(run, deleteOlder("Batch"), [nowMs - retention.batchesMs]);
  return { deleted };
}

/** Most sightings of keys kept for one tenant: a node that makes a key for every connection is not history. */
export const MAX_SIGHTINGS = 300_000;

/** Names that were never more than refused are what any client may make up: they go as early as their uses. */
async function retainKeys(
  run: Run,
  deleted: Record<string, number>,
  { nowMs, retention }: { readonly nowMs: number; readonly retention: Retention },
): Promise<void> {
  const usesBeforeMs = nowMs - retention.minutesMs;
  const historyBeforeMs = nowMs - retention.hoursMs;
  deleted.key_use = await deletePortions(run, deleteOlder("KeyUse", "bucketStartMs"), [usesBeforeMs]);
  deleted.key_sighting = await deletePortions(run, deleteOlder("KeySighting", "lastMs"), [historyBeforeMs]);
  deleted.key_sighting += await deletePortions(run, DELETE_REFUSED_NAMES, [usesBeforeMs]);
  deleted.key_sighting += await deletePortions(run, DELETE_SURPLUS_SIGHTINGS, []);
  deleted.key_event = await deletePortions(run, deleteOlder("KeyEvent"), [historyBeforeMs]);
}

/** What waits to be sent stays; what was sent or given up goes as early as the minutes that it told of, its course with history. */
async function retainAlerting(
  run: Run,
  deleted: Record<string, number>,
  { nowMs, retention }: { readonly nowMs: number; readonly retention: Retention },
): Promise<void> {
  const soonMs = nowMs - retention.minutesMs;
  const historyMs = nowMs - retention.hoursMs;
  deleted.outbox = await deletePortions(run, DELETE_DONE_MESSAGES, [soonMs]);
  deleted.delivery = await deletePortions(run, deleteOlder("Delivery"), [soonMs]);
  deleted.alert_event = await deletePortions(run, deleteOlder("AlertEvent"), [historyMs]);
  deleted.alert_silence = await deletePortions(run, deleteOlder("AlertSilence", "endsMs"), [historyMs]);
  deleted.alert_thread = await deletePortions(run, DELETE_QUIET_THREADS, [historyMs]);
}

const DELETE_DONE_MESSAGES = `DELETE FROM "Outbox" WHERE rowid IN (SELECT rowid FROM "Outbox"
  WHERE "state" <> 'waiting' AND "createdMs" < ? LIMIT ${PORTION_ROWS})`;

const DELETE_QUIET_THREADS = `DELETE FROM "AlertThread" WHERE rowid IN (SELECT rowid FROM "AlertThread"
  WHERE "state"->>'firing' = '{}' AND "updatedMs" < ? LIMIT ${PORTION_ROWS})`;

/** Most results of the prober, and agreements, kept for one tenant: about 100 MB and 60 MB. */
export const MAX_PROBES = 40_000;
export const MAX_AGREEMENTS = 400_000;

async function retainProbes(run: Run, deleted: Record<string, number>, beforeMs: number): Promise<void> {
  for (const [name, table, most] of [
    ["probe_result", "ProbeResult", MAX_PROBES],
    ["probe_agreement", "ProbeAgreement", MAX_AGREEMENTS],
  ] as const)
    deleted[name] =
      (await deletePortions(run, deleteOlder(table), [beforeMs])) +
      (await deletePortions(run, deleteSurplus(table, most), []));
}

function deleteSurplus(table: string, most: number): string {
  return `DELETE FROM "${table}" WHERE "id" IN (SELECT "id" FROM (SELECT "id",
    row_number() OVER (PARTITION BY "tenantId" ORDER BY "id" DESC) AS n FROM "${table}")
    WHERE n > ${most} LIMIT ${PORTION_ROWS})`;
}

const DELETE_REFUSED_NAMES = `DELETE FROM "KeySighting" WHERE rowid IN (SELECT s.rowid FROM "KeySighting" s
  WHERE s."use" = 'refused' AND s."lastMs" < ? AND NOT EXISTS (SELECT 1 FROM "KeySighting" o
    WHERE o."tenantId" = s."tenantId" AND o."keyName" = s."keyName" AND o."use" <> 'refused') LIMIT ${PORTION_ROWS})`;

const DELETE_SURPLUS_SIGHTINGS = `DELETE FROM "KeySighting" WHERE rowid IN (SELECT id FROM (SELECT rowid AS id,
  row_number() OVER (PARTITION BY "tenantId" ORDER BY "lastMs" DESC) AS n FROM "KeySighting")
  WHERE n > ${MAX_SIGHTINGS} LIMIT ${PORTION_ROWS})`;

const DELETE_ROLLUPS = `DELETE FROM "Rollup" WHERE ("tier", "tenantId", "endpointId", "bucketStartMs", "segmentId",
  "resultId") IN (SELECT "tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId" FROM "Rollup"
  WHERE "tier" = ? AND "tenantId" = ? AND "endpointId" = ? AND "bucketStartMs" < ? LIMIT ${PORTION_ROWS})`;

const DELETE_SURPLUS_SAMPLES = `DELETE FROM "Sample" WHERE "id" IN (SELECT "id" FROM (SELECT "id",
  row_number() OVER (PARTITION BY "tenantId" ORDER BY "atMs" DESC, "id" DESC) AS n FROM "Sample")
  WHERE n > ${MAX_SAMPLES} LIMIT ${PORTION_ROWS})`;

const DELETE_ORPHANED_UPDATES = `DELETE FROM "IncidentUpdate" WHERE rowid IN (SELECT u.rowid FROM "IncidentUpdate" u
  WHERE NOT EXISTS (SELECT 1 FROM "Incident" i WHERE i."tenantId" = u."tenantId" AND i."id" = u."incidentId")
  LIMIT ${PORTION_ROWS})`;

function deleteOlder(table: string, time = "atMs"): string {
  return `DELETE FROM "${table}" WHERE rowid IN (SELECT rowid FROM "${table}" WHERE "${time}" < ? LIMIT ${PORTION_ROWS})`;
}

async function deletePortions(run: Run, statement: string, parameters: readonly unknown[]): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await run((sql) => sql.$executeRawUnsafe(statement, ...parameters));
    total += count;
    if (count < PORTION_ROWS) return total;
  }
}

function keepMs(resolutionMs: number, retention: Retention): number {
  if (resolutionMs === 10_000) return retention.tenSecondsMs;
  return resolutionMs === 60_000 ? retention.minutesMs : retention.hoursMs;
}

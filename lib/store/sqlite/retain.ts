import type { TenantId } from "../port.ts";
import type { Retention, RetentionReport, TenantRetention } from "../port-upkeep.ts";
import { queryJson, type Sql } from "./client.ts";
import { readRetentions } from "./retention.ts";
import { SUMMED } from "./ten-seconds.ts";
import { COMPACTED } from "./tiers.ts";

/** Most rows that one statement deletes, so that no push waits long behind it. */
const PORTION_ROWS = 20_000;
/** Most samples kept for one tenant, whatever their age. */
export const MAX_SAMPLES = 20_000;
/** Most sightings of keys kept for one tenant: a node that makes a key for every connection is not history. */
export const MAX_SIGHTINGS = 300_000;
/** Most results of the prober, and agreements, kept for one tenant: about 100 MB and 60 MB. */
export const MAX_PROBES = 40_000;
export const MAX_AGREEMENTS = 400_000;

type Run = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/** Deletes by name, in portions; `tenant` alone, or everybody's (null). */
type Pass = {
  readonly nowMs: number;
  readonly retention: Retention;
  readonly tenant: TenantId | null;
  readonly endpoints: readonly (readonly [tenant: TenantId, endpoint: number])[];
  /** Runs a statement that deletes a portion until there is nothing left of it. */
  readonly drain: (name: string, statement: string, ...parameters: readonly unknown[]) => Promise<void>;
};

/**
 * Deletes what is older than its retention: the installation's for everybody, then a tenant's own where that is shorter.
 * Each portion is a transaction of its own (`run`), so pushes get in between. Cells that are not summed yet are never
 * deleted, however old.
 */
export async function retain(
  run: Run,
  input: { readonly nowMs: number; readonly retention: Retention },
): Promise<RetentionReport> {
  const deleted: Record<string, number> = {};
  const endpoints = await run(readEndpoints);
  const drain: Pass["drain"] = async (name, statement, ...parameters) => {
    deleted[name] = (deleted[name] ?? 0) + (await deletePortions(run, statement, parameters));
  };
  const all: Pass = { ...input, tenant: null, endpoints, drain };
  await retainAged(all);
  await retainBounded(all);
  await retainPeople(all);
  for (const { tenant, ...own } of await run(readRetentions))
    await retainAged({
      ...{ ...all, tenant, retention: shortened(input.retention, own) },
      endpoints: endpoints.filter(([of]) => of === tenant),
    });
  return { deleted };
}

/** The installation's retention with a tenant's shorter ones; finer rows never outlive the history that they are part of. */
export function shortened(retention: Retention, { historyMs, samplesMs }: TenantRetention): Retention {
  const most = historyMs ?? Number.POSITIVE_INFINITY;
  return {
    ...retention,
    tenSecondsMs: Math.min(retention.tenSecondsMs, most),
    minutesMs: Math.min(retention.minutesMs, most),
    hoursMs: Math.min(retention.hoursMs, most),
    samplesMs: Math.min(retention.samplesMs, samplesMs ?? Number.POSITIVE_INFINITY, most),
  };
}

const readEndpoints = (sql: Sql): Promise<[TenantId, number][]> =>
  queryJson(
    sql,
    `SELECT json_group_array(json_array(t, e)) AS json FROM (SELECT "tenantId" AS t, "id" AS e FROM "Endpoint"
     UNION ALL SELECT "id", 0 FROM "Tenant")`,
  );

/** Tables by how long their rows are kept, with the column of their time. */
const AGED = {
  minutesMs: [
    ["tls_alert", "TlsAlertCount", "bucketStartMs"],
    ["source_minute", "SourceMinute", "minuteMs"],
    // A counter that is heard again after that begins anew: its first reading is a baseline.
    ["counter_state", "CounterState", "atMs"],
    ["key_use", "KeyUse", "bucketStartMs"],
    ["probe_result", "ProbeResult", "atMs"],
    ["probe_agreement", "ProbeAgreement", "atMs"],
    ["delivery", "Delivery", "atMs"],
  ],
  hoursMs: [
    ["cache_sample", "CacheSample", "atMs"],
    ["change", "Change", "atMs"],
    ["incident", "Incident", "resolvedMs"],
    ["finding", "Finding", "lastMs"],
    ["key_sighting", "KeySighting", "lastMs"],
    ["key_event", "KeyEvent", "atMs"],
    ["alert_event", "AlertEvent", "atMs"],
    ["alert_silence", "AlertSilence", "endsMs"],
  ],
  samplesMs: [["sample", "Sample", "atMs"]],
  batchesMs: [["batch", "Batch", "atMs"]],
} as const satisfies Partial<
  Record<keyof Retention, readonly (readonly [name: string, table: string, time: string])[]>
>;

async function retainAged(pass: Pass): Promise<void> {
  const { nowMs, retention, tenant, drain } = pass;
  await retainRollups(pass);
  for (const [kept, tables] of Object.entries(AGED) as [
    keyof typeof AGED,
    (typeof AGED)[keyof typeof AGED],
  ][])
    for (const [name, table, time] of tables)
      await drain(name, deleting(table, `"${time}" < ?`, tenant), nowMs - retention[kept]);
  const [minutesMs, historyMs] = [nowMs - retention.minutesMs, nowMs - retention.hoursMs];
  await drain("incident_update", deleting("IncidentUpdate", ORPHANED_UPDATE, tenant));
  // Names that were never more than refused are what any client may make up: they go as early as their uses.
  await drain("key_sighting", deleting("KeySighting", REFUSED_NAME, tenant), minutesMs);
  // What waits to be sent stays; what was sent or given up goes as early as the minutes that it told of.
  await drain("outbox", deleting("Outbox", `"state" <> 'waiting' AND "createdMs" < ?`, tenant), minutesMs);
  await drain("alert_thread", deleting("AlertThread", QUIET_THREAD, tenant), historyMs);
}

async function retainRollups({ nowMs, retention, tenant, endpoints, drain }: Pass): Promise<void> {
  const fine = deleting("CellBlock", `"stage" >= ${SUMMED} AND "toMs" <= ?`, tenant);
  await drain("rollup_10s_segment", fine, nowMs - retention.tenSecondsMs);
  for (const tier of COMPACTED) {
    const before = nowMs - keepMs(tier.resolutionMs, retention);
    const name = `rollup_${tier.resolutionMs / 1000}s_${tier.grain}`;
    for (const [tenantId, endpointId] of endpoints)
      await drain(name, DELETE_ROLLUPS, tier.id, tenantId, endpointId, before);
  }
}

/** What is bounded in number, whatever its age. */
async function retainBounded({ drain }: Pass): Promise<void> {
  await drain("sample", surplus("Sample", `"atMs" DESC, "id" DESC`, MAX_SAMPLES));
  await drain("key_sighting", surplus("KeySighting", `"lastMs" DESC`, MAX_SIGHTINGS));
  await drain("probe_result", surplus("ProbeResult", `"id" DESC`, MAX_PROBES));
  await drain("probe_agreement", surplus("ProbeAgreement", `"id" DESC`, MAX_AGREEMENTS));
}

/** What of signing in has expired. Links that were used or have expired are told of for as long as minutes are. */
async function retainPeople({ nowMs, retention, drain }: Pass): Promise<void> {
  for (const [name, table] of [
    ["session", "AuthSession"],
    ["verification", "AuthVerification"],
  ] as const)
    await drain(name, deleting(table, `julianday("expiresAt") < ? / 86400000.0 + 2440587.5`, null), nowMs);
  await drain("link", deleting("OneTimeLink", `"expiresMs" < ?`, null), nowMs - retention.minutesMs);
}

const ORPHANED_UPDATE = `NOT EXISTS (SELECT 1 FROM "Incident" i
  WHERE i."tenantId" = "IncidentUpdate"."tenantId" AND i."id" = "IncidentUpdate"."incidentId")`;

const REFUSED_NAME = `"use" = 'refused' AND "lastMs" < ? AND NOT EXISTS (SELECT 1 FROM "KeySighting" o
  WHERE o."tenantId" = "KeySighting"."tenantId" AND o."keyName" = "KeySighting"."keyName" AND o."use" <> 'refused')`;

const QUIET_THREAD = `"state"->>'firing' = '{}' AND "updatedMs" < ?`;

const DELETE_ROLLUPS = `DELETE FROM "Rollup" WHERE ("tier", "tenantId", "endpointId", "bucketStartMs", "segmentId",
  "resultId") IN (SELECT "tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId" FROM "Rollup"
  WHERE "tier" = ? AND "tenantId" = ? AND "endpointId" = ? AND "bucketStartMs" < ? LIMIT ${PORTION_ROWS})`;

/** Deletes a portion of what fits `where`, of one tenant or of all. */
function deleting(table: string, where: string, tenant: TenantId | null): string {
  const whose = tenant === null ? "" : ` AND "tenantId" = ${Number(tenant)}`;
  return `DELETE FROM "${table}" WHERE rowid IN (SELECT rowid FROM "${table}" WHERE ${where}${whose} LIMIT ${PORTION_ROWS})`;
}

/** Deletes a portion of what a tenant has beyond `most` rows, in this order. */
function surplus(table: string, order: string, most: number): string {
  return `DELETE FROM "${table}" WHERE rowid IN (SELECT id FROM (SELECT rowid AS id,
    row_number() OVER (PARTITION BY "tenantId" ORDER BY ${order}) AS n FROM "${table}")
    WHERE n > ${most} LIMIT ${PORTION_ROWS})`;
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
  return resolutionMs === 60_000 ? retention.minutesMs : retention.hoursMs;
}

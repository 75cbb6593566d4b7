import type { TenantId } from "../port.ts";
import type { IncidentAct, IncidentQuery, StoredIncident, StoredIncidentUpdate } from "../port-incidents.ts";
import { queryJson, type Sql } from "./client.ts";

const INCIDENT = `json_object('id', "id", 'class', "class", 'family', "family", 'state', "state", 'openedMs', "openedMs",
  'onsetMs', "onsetMs", 'updatedMs', "updatedMs", 'resolvedMs', "resolvedMs", 'reopened', "reopened",
  'scope', json("scope"), 'departure', json("departure"), 'diagnoses', json("diagnoses"), 'suspects', json("suspects"),
  'acknowledgedBy', "acknowledgedBy", 'acknowledgedMs', "acknowledgedMs", 'assignee', "assignee")`;

/** Incidents that went on within a window, the last opened first. */
export function readIncidents(sql: Sql, tenant: TenantId, query: IncidentQuery): Promise<StoredIncident[]> {
  const list = (values: readonly string[] | undefined): string | null =>
    values ? JSON.stringify(values) : null;
  const [states, classes, endpoint] = [list(query.states), list(query.classes), query.endpoint ?? null];
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT ${INCIDENT} AS x FROM "Incident"
     WHERE "tenantId" = ? AND "onsetMs" < ? AND ("resolvedMs" IS NULL OR "resolvedMs" >= ?)
       AND (? IS NULL OR "state" IN (SELECT value FROM json_each(?)))
       AND (? IS NULL OR "class" IN (SELECT value FROM json_each(?)))
       AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each("scope", '$.endpoints') WHERE value = ?))
     ORDER BY "openedMs" DESC, "id" LIMIT ?)`,
    tenant,
    query.toMs,
    query.fromMs,
    ...[states, states, classes, classes, endpoint, endpoint],
    query.limit,
  );
}

/** One incident by its id. */
export async function readIncident(sql: Sql, tenant: TenantId, id: string): Promise<StoredIncident | null> {
  const [incident] = await queryJson<StoredIncident>(
    sql,
    `SELECT json_group_array(json(${INCIDENT})) AS json FROM "Incident" WHERE "tenantId" = ? AND "id" = ?`,
    tenant,
    id,
  );
  return incident ?? null;
}

/** The steps of one incident, in order. */
export function readIncidentUpdates(sql: Sql, tenant: TenantId, id: string): Promise<StoredIncidentUpdate[]> {
  return queryJson(
    sql,
    `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('incidentId', "incidentId", 'atMs', "atMs",
       'kind', "kind", 'actor', "actor", 'text', "text") AS x FROM "IncidentUpdate"
     WHERE "tenantId" = ? AND "incidentId" = ? ORDER BY "atMs", "id")`,
    tenant,
    id,
  );
}

// Columns of people (acknowledgedBy, acknowledgedMs, assignee) are written with a new incident only.
const UPSERT = `INSERT INTO "Incident" ("tenantId", "id", "class", "family", "state", "openedMs", "onsetMs", "updatedMs",
    "resolvedMs", "reopened", "scope", "departure", "diagnoses", "suspects", "acknowledgedBy", "acknowledgedMs", "assignee")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
    value->>10, value->>11, value->>12, value->>13, value->>14, value->>15 FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET "onsetMs" = excluded."onsetMs", "updatedMs" = max("updatedMs", excluded."updatedMs"),
    "scope" = excluded."scope", "departure" = excluded."departure", "diagnoses" = excluded."diagnoses",
    "suspects" = excluded."suspects", "reopened" = max("reopened", excluded."reopened"),
    "resolvedMs" = CASE WHEN excluded."reopened" > "reopened" OR "resolvedMs" IS NULL THEN excluded."resolvedMs"
      ELSE "resolvedMs" END,
    "state" = CASE WHEN excluded."state" = 'resolved' THEN 'resolved'
      WHEN "state" = 'resolved' AND excluded."reopened" <= "reopened" THEN 'resolved'
      WHEN "acknowledgedMs" IS NOT NULL THEN 'acknowledged' ELSE 'open' END`;

/** Keeps what the detector believes, and adds steps. */
export async function saveIncidents(
  sql: Sql,
  tenant: TenantId,
  save: { readonly incidents: readonly StoredIncident[]; readonly updates: readonly StoredIncidentUpdate[] },
): Promise<void> {
  const rows = save.incidents.map((i) => [
    ...[i.id, i.class, i.family, i.state, i.openedMs, i.onsetMs, i.updatedMs, i.resolvedMs, i.reopened],
    ...[i.scope, i.departure, i.diagnoses, i.suspects].map((belief) => JSON.stringify(belief)),
    ...[i.acknowledgedBy, i.acknowledgedMs, i.assignee],
  ]);
  if (rows.length) await sql.$executeRawUnsafe(UPSERT, tenant, JSON.stringify(rows));
  await addUpdates(sql, tenant, save.updates);
}

async function addUpdates(
  sql: Sql,
  tenant: TenantId,
  updates: readonly StoredIncidentUpdate[],
): Promise<void> {
  if (updates.length === 0) return;
  const rows = updates.map((u) => [u.incidentId, u.atMs, u.kind, u.actor, u.text]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "IncidentUpdate" ("tenantId", "incidentId", "atMs", "kind", "actor", "text")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?)`,
    tenant,
    JSON.stringify(rows),
  );
}

type Done = Pick<
  StoredIncident,
  "state" | "resolvedMs" | "acknowledgedBy" | "acknowledgedMs" | "assignee"
> & { readonly kind: StoredIncidentUpdate["kind"]; readonly text: string };

/** Does what a person wants; answers the incident as it is then, null for an unknown one. */
export async function actOnIncident(
  sql: Sql,
  tenant: TenantId,
  act: IncidentAct,
): Promise<StoredIncident | null> {
  const before = await readIncident(sql, tenant, act.id);
  const done = before && outcomeOf(before, act);
  if (!done) return before;
  const { kind, text, state, resolvedMs, acknowledgedBy, acknowledgedMs, assignee } = done;
  await sql.$executeRawUnsafe(
    `UPDATE "Incident" SET "state" = ?, "resolvedMs" = ?, "acknowledgedBy" = ?, "acknowledgedMs" = ?, "assignee" = ?,
       "updatedMs" = max("updatedMs", ?) WHERE "tenantId" = ? AND "id" = ?`,
    ...[state, resolvedMs, acknowledgedBy, acknowledgedMs, assignee, act.nowMs, tenant, act.id],
  );
  await addUpdates(sql, tenant, [{ incidentId: act.id, atMs: act.nowMs, kind, actor: act.actor, text }]);
  return readIncident(sql, tenant, act.id);
}

/** What an act makes of an incident; null where it is so already. */
function outcomeOf(now: StoredIncident, { action, actor, text, nowMs }: IncidentAct): Done | null {
  const said = { ...now, text: text ?? "" };
  switch (action) {
    case "acknowledge":
      if (now.state !== "open") return null;
      return {
        ...said,
        kind: "acknowledged",
        state: "acknowledged",
        acknowledgedBy: actor,
        acknowledgedMs: nowMs,
      };
    case "unacknowledge":
      if (now.state !== "acknowledged") return null;
      return { ...said, kind: "unacknowledged", state: "open", acknowledgedBy: null, acknowledgedMs: null };
    case "assign":
      return now.assignee === text ? null : { ...said, kind: "assigned", assignee: text };
    case "comment":
      return { ...said, kind: "comment" };
    case "resolve":
      if (now.state === "resolved") return null;
      return { ...said, kind: "resolved", state: "resolved", resolvedMs: nowMs };
  }
}

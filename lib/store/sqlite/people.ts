import { ROLES, type Role } from "../../domain/roles.ts";
import { INSTALLATION } from "../port-audit.ts";
import type { OneTimeLink, Person, PersonActor, PersonReader, Place, Standing } from "../port-people.ts";
import { queryJson } from "./client.ts";
import type { Runner } from "./runner.ts";

/** Roles as numbers that compare, and back. */
const RANK = `CASE "role" ${ROLES.map((role, rank) => `WHEN '${role}' THEN ${rank}`).join(" ")} END`;
const roleOf = (rank: string): string =>
  `CASE ${rank} ${ROLES.map((role, at) => `WHEN ${at} THEN '${role}'`).join(" ")} END`;
const greatest = (where: string): string =>
  roleOf(`(SELECT max(${RANK}) FROM "Member" WHERE "userId" = u."id" AND ${where})`);

const msOf = (column: string): string =>
  `CAST(round((julianday(${column}) - 2440587.5) * 86400000) AS INTEGER)`;

const LINK = `json_object('secretHash', "secretHash", 'tenant', "tenantId", 'purpose', "purpose", 'role', "role",
  'userId', "userId", 'createdMs', "createdMs", 'createdBy', "createdBy", 'expiresMs', "expiresMs")`;

/** Roles and one-time links in SQLite (lib/store/port-people.ts). */
export class SqlitePeople implements PersonReader, PersonActor {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  readStandings(userId: string): Promise<readonly Standing[]> {
    return this.#runner.read("read who may do what", (sql) =>
      queryJson<Standing>(
        sql,
        `SELECT json_group_array(json_object('tenant', "id", 'name', "name", 'role', ${roleOf(`"rank"`)})) AS json FROM
         (SELECT t."id", t."name", max(${RANK}) AS "rank" FROM "Tenant" t
          JOIN "Member" m ON m."userId" = ? AND m."tenantId" IN (t."id", ${INSTALLATION})
          GROUP BY t."id" ORDER BY t."name")`,
        userId,
      ),
    );
  }

  readFleetRole(userId: string): Promise<Role | null> {
    return this.#runner.read("read a role in all tenants", async (sql) => {
      const [found] = await queryJson<Role | null>(
        sql,
        `SELECT json_group_array(role) AS json FROM (SELECT ${roleOf(`max(${RANK})`)} AS role
         FROM "Member" WHERE "userId" = ? AND "tenantId" = ${INSTALLATION})`,
        userId,
      );
      return found ?? null;
    });
  }

  readTenants(): Promise<readonly Standing[]> {
    return this.#runner.read("read tenants", (sql) =>
      queryJson<Standing>(
        sql,
        `SELECT json_group_array(json_object('tenant', "id", 'name', "name", 'role', 'admin')) AS json
         FROM (SELECT "id", "name" FROM "Tenant" ORDER BY "name")`,
      ),
    );
  }

  async readPeople(place: Place): Promise<readonly Person[]> {
    const rows = await this.#runner.read("read people", (sql) =>
      queryJson<Omit<Person, "secondFactor"> & { readonly secondFactor: number | null }>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT json_object('userId', u."id", 'name', u."name",
           'email', u."email", 'role', ${greatest(`"tenantId" = ? AND "via" = 'console'`)},
           'groupRole', ${greatest(`"tenantId" = ? AND "via" = 'oidc'`)},
           'fleetRole', ${greatest(`"tenantId" = ${INSTALLATION}`)},
           'secondFactor', u."twoFactorEnabled", 'createdMs', ${msOf(`u."createdAt"`)},
           'signedInMs', (SELECT max(${msOf(`"createdAt"`)}) FROM "AuthSession" WHERE "userId" = u."id"),
           'sessions', (SELECT count(*) FROM "AuthSession" WHERE "userId" = u."id")) AS x
         FROM "AuthUser" u WHERE ? = ${INSTALLATION}
           OR EXISTS (SELECT 1 FROM "Member" m WHERE m."userId" = u."id" AND m."tenantId" IN (?, ${INSTALLATION}))
         ORDER BY u."email")`,
        ...[place, place, place, place],
      ),
    );
    return rows.map((row) => ({ ...row, secondFactor: row.secondFactor === 1 }));
  }

  hasPeople(): Promise<boolean> {
    return this.#runner.read("look for people", async (sql) => {
      const found = await queryJson<number>(
        sql,
        `SELECT json_group_array(1) AS json FROM (SELECT 1 FROM "AuthUser" LIMIT 1)`,
      );
      return found.length > 0;
    });
  }

  readLinks(place: Place, nowMs: number): Promise<readonly OneTimeLink[]> {
    return this.#runner.read("read links", (sql) =>
      queryJson<OneTimeLink>(
        sql,
        `SELECT json_group_array(json(x)) AS json FROM (SELECT ${LINK} AS x FROM "OneTimeLink"
         WHERE "tenantId" = ? AND "usedMs" IS NULL AND "expiresMs" > ? ORDER BY "createdMs" DESC)`,
        ...[place, nowMs],
      ),
    );
  }

  findLink(secretHash: string, nowMs: number): Promise<OneTimeLink | null> {
    return this.#runner.read("find a link", async (sql) => {
      const [link] = await queryJson<OneTimeLink>(
        sql,
        `SELECT json_group_array(json(${LINK})) AS json FROM "OneTimeLink"
         WHERE "secretHash" = ? AND "usedMs" IS NULL AND "expiresMs" > ?`,
        ...[secretHash, nowMs],
      );
      return link ?? null;
    });
  }

  setRole(place: Place, { userId, via, role }: Parameters<PersonActor["setRole"]>[1]): Promise<boolean> {
    return this.#runner.write("set a role", async (sql) => {
      const changed =
        role === null
          ? await sql.$executeRawUnsafe(
              `DELETE FROM "Member" WHERE "userId" = ? AND "tenantId" = ? AND "via" = ?`,
              ...[userId, place, via],
            )
          : await sql.$executeRawUnsafe(
              `INSERT INTO "Member" ("userId", "tenantId", "via", "role") VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET "role" = excluded."role" WHERE "role" <> excluded."role"`,
              ...[userId, place, via, role],
            );
      return changed > 0;
    });
  }

  async makeLink(place: Place, link: OneTimeLink): Promise<void> {
    await this.#runner.write("make a link", async (sql) => {
      if (link.purpose === "first")
        await sql.$executeRawUnsafe(
          `DELETE FROM "OneTimeLink" WHERE "purpose" = 'first' AND "usedMs" IS NULL`,
        );
      await sql.$executeRawUnsafe(
        `INSERT INTO "OneTimeLink" ("secretHash", "tenantId", "purpose", "role", "userId", "createdMs", "createdBy",
         "expiresMs") VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[link.secretHash, place, link.purpose, link.role, link.userId],
        ...[link.createdMs, link.createdBy, link.expiresMs],
      );
    });
  }

  takeLink(place: Place, { secretHash, nowMs }: Parameters<PersonActor["takeLink"]>[1]): Promise<boolean> {
    return this.#runner.write("use a link", async (sql) => {
      const changed = await sql.$executeRawUnsafe(
        `UPDATE "OneTimeLink" SET "usedMs" = ? WHERE "tenantId" = ? AND "secretHash" = ? AND "usedMs" IS NULL
         AND "expiresMs" > ?`,
        ...[nowMs, place, secretHash, nowMs],
      );
      return changed > 0;
    });
  }

  endLink(place: Place, { secretHash, nowMs }: Parameters<PersonActor["endLink"]>[1]): Promise<boolean> {
    return this.#runner.write("end a link", async (sql) => {
      const changed = await sql.$executeRawUnsafe(
        `UPDATE "OneTimeLink" SET "expiresMs" = ? WHERE "tenantId" = ? AND "secretHash" = ? AND "usedMs" IS NULL
         AND "expiresMs" > ?`,
        ...[nowMs, place, secretHash, nowMs],
      );
      return changed > 0;
    });
  }
}

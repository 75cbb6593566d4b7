import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOfEntry, verifyChain } from "../../lib/store/audit-chain.ts";
import { EraseProblem, eraseTenantOf } from "../../lib/store/erase.ts";
import { migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";
import { openClient } from "../../lib/store/sqlite/client.ts";
import { eraseTenant } from "../../lib/store/sqlite/erase.ts";

const run = promisify(execFile);
const NOW = Date.UTC(2026, 10, 24);
const MARK = "erase-this-text";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-erase-"));
  file = join(folder, DATABASE_NAME);
  await migrate(file);
  withDb((db) => {
    db.exec(`INSERT INTO "Tenant" ("id", "name") VALUES (2, 'second'), (3, 'third')`);
    for (const tenant of [1, 2, 3]) for (const table of tablesOf(db)) fill(db, table, tenant);
  });
});
afterEach(() => rm(folder, { recursive: true }));

function withDb<T>(work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Every model of the schema with a tenant's number: a table that is added later is tested as it comes. */
function tablesOf(db: Database.Database): string[] {
  const models = [...readFileSync("prisma/schema.prisma", "utf8").matchAll(/^model (\w+) \{([\s\S]*?)^\}/gm)];
  const named = models.filter(([, , body = ""]) => /^\s+tenantId\s/m.test(body)).map(([, name = ""]) => name);
  const there = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
  // One that stands in the schema and in no migration yet cannot hold anything.
  return named.filter((name) => there.includes(name));
}

type Column = { readonly name: string; readonly type: string; readonly pk: number };
let next = 1_000;

/** Two rows of a tenant, whatever the table's columns are. */
function fill(db: Database.Database, table: string, tenant: number): void {
  const columns = db.prepare(`PRAGMA table_info("${table}")`).all() as Column[];
  for (let row = 1; row <= 2; row += 1) {
    next += 1;
    const values = columns.map(({ name, type }) => {
      if (name === "tenantId") return tenant;
      if (name === "tier") return row === 1 ? 1 : 4;
      if (table === "AuditEntry" && name === "id") return row;
      if (type === "BLOB") return Buffer.from(`${MARK}-${tenant}`);
      return type === "TEXT" ? `${MARK}-${tenant} ${next}` : next;
    });
    const marks = columns.map(() => "?").join(", ");
    const verb = columns.filter(({ pk }) => pk > 0).every(({ name }) => name === "tenantId")
      ? "OR REPLACE"
      : "";
    db.prepare(`INSERT ${verb} INTO "${table}" VALUES (${marks})`).run(...values);
  }
}

const countsOf = (tenant: number): Record<string, number> =>
  withDb((db) =>
    Object.fromEntries(
      tablesOf(db).map((table) => [
        table,
        Number(db.prepare(`SELECT count(*) FROM "${table}" WHERE "tenantId" = ?`).pluck().get(tenant)),
      ]),
    ),
  );
const asked = (name: string) => ({ name, nowMs: NOW, by: "root (on the host)", storeUrl: "" });

describe("erasing a tenant", () => {
  it("deletes every row of every table that has tenants, and none of another's", async () => {
    const [others, before] = [[countsOf(1), countsOf(3)], countsOf(2)];
    expect(Object.values(before).every((count) => count > 0)).toBe(true);
    expect(Object.keys(before).length).toBeGreaterThan(35);
    const erased = await eraseTenantOf(file, asked("second"));
    expect(erased).toEqual(before);
    expect(Object.values(countsOf(2)).filter((count) => count > 0)).toEqual([]);
    expect([countsOf(1), countsOf(3)]).toEqual(others);
    expect(withDb((db) => db.prepare(`SELECT "name" FROM "Tenant" ORDER BY "id"`).pluck().all())).toEqual([
      ...["default", "third"],
    ]);
    // Overwritten in the file, and in no log beside it.
    const bytes = readFileSync(file);
    expect(bytes.includes(`${MARK}-3`)).toBe(true);
    expect(bytes.includes(`${MARK}-2`)).toBe(false);
  });

  it("is told in the installation's own log, whose chain holds", async () => {
    const erased = await eraseTenantOf(file, asked("second"));
    const store = openReadStore({ file });
    const [entry] = await store.audit.readAudit(0, { fromMs: 0, toMs: NOW + 1, limit: 5 });
    expect(entry).toMatchObject({ action: "tenant.erase", targetId: "second", actor: null, id: 1 });
    expect(JSON.parse(entry?.before ?? "")).toEqual({ rows: erased });
    expect(JSON.parse(entry?.after ?? "")).toEqual({ by: "root (on the host)" });
    expect(await verifyChain(store.audit, 0)).toMatchObject({ entries: 1, broken: null });
    await store.close();
  });

  it("takes many rows in portions, and leaves the default tenant itself, empty", async () => {
    withDb((db) =>
      db.exec(
        `WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT 45000)
         INSERT INTO "KeyUse" SELECT 1, n, 'e', 'n', 'k', 'issued', 1 FROM s`,
      ),
    );
    const erased = await eraseTenantOf(file, asked("default"));
    expect(erased.KeyUse).toBe(45_002);
    expect(Object.values(countsOf(1)).every((count) => count === 0)).toBe(true);
    expect(withDb((db) => db.prepare(`SELECT "name" FROM "Tenant" WHERE "id" = 1`).pluck().get())).toBe(
      "default",
    );
  });

  it("that ended in the middle goes on when it is called again", async () => {
    const client = openClient(file, false);
    let transactions = 0;
    const told = { tenant: 2, name: "second", kept: false, nowMs: NOW, by: "root" };
    const dying = eraseTenant((work) => {
      transactions += 1;
      if (transactions > 12) throw new Error("killed");
      return client.$transaction((sql) => work(sql));
    }, told);
    await expect(dying).rejects.toThrow("killed");
    await client.$disconnect();
    expect(Object.values(countsOf(2)).some((count) => count === 0)).toBe(true);
    expect(Object.values(countsOf(2)).some((count) => count > 0)).toBe(true);
    await eraseTenantOf(file, asked("second"));
    expect(Object.values(countsOf(2)).every((count) => count === 0)).toBe(true);
    expect(
      withDb((db) => db.prepare(`SELECT count(*) FROM "Meta" WHERE "name" LIKE 'erasing%'`).pluck().get()),
    ).toBe(0);
  });

  it("erases nothing of a tenant that is unknown, or while somebody has the store open", async () => {
    await expect(eraseTenantOf(file, asked(`x' OR '1'='1`))).rejects.toThrow(EraseProblem);
    const store = openReadStore({ file });
    await store.audit.walkAudit(1, { afterId: 0, limit: 1 });
    await expect(eraseTenantOf(file, asked("second"))).rejects.toThrow(/is in use/);
    await store.close();
    expect(Object.values(countsOf(2)).every((count) => count > 0)).toBe(true);
  });

  it("is a command that wants to be told twice", async () => {
    const env = { ...process.env, REPRISE_DATA_DIR: folder };
    const reprise = (...words: string[]) =>
      run(process.execPath, ["bin/reprise.mjs", "tenant", "erase", ...words], { env }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stderr }) => ({ code, stderr }),
      );
    expect(await reprise("second")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(Object.values(countsOf(2)).every((count) => count > 0)).toBe(true);
    expect(await reprise("nobody", "--yes")).toMatchObject({
      code: 1,
      stderr: "There is no tenant nobody.\n",
    });
    const done = await reprise("second", "--yes", "--json");
    expect(done.code).toBe(0);
    expect(Object.values(countsOf(2)).every((count) => count === 0)).toBe(true);
  });
});

describe("the audit log outside of an erasure", () => {
  it("takes no update, no delete, no replacement and no entry out of order, whoever asks", () => {
    for (const statement of [
      `UPDATE "AuditEntry" SET "actor" = 'somebody else'`,
      `DELETE FROM "AuditEntry"`,
      `INSERT OR REPLACE INTO "AuditEntry" SELECT * FROM "AuditEntry" WHERE "id" = 1`,
      `INSERT INTO "AuditEntry" SELECT "tenantId", 99, "atMs", NULL, NULL, '', '', '', NULL, NULL, '', '' FROM "AuditEntry"`,
    ])
      expect(() => withDb((db) => db.exec(statement)), statement).toThrow("append-only");
  });

  it("that somebody wrote over with other tools is found out, from the first broken entry on", async () => {
    const env = { ...process.env, REPRISE_DATA_DIR: folder };
    const verify = (...words: string[]) =>
      run(process.execPath, ["bin/reprise.mjs", "audit", "verify", "--tenant", "third", "--json", ...words], {
        env,
      }).then(
        ({ stdout }) => ({ code: 0, ...JSON.parse(stdout) }),
        ({ code, stdout }) => ({ code, ...JSON.parse(stdout || "{}") }),
      );
    const rewrite = (change: string) =>
      withDb((db) => {
        for (const name of ["no_update", "no_delete"]) db.exec(`DROP TRIGGER IF EXISTS "AuditEntry_${name}"`);
        db.exec(change);
      });
    rewrite(`DELETE FROM "AuditEntry"`);
    const heads: string[] = [];
    withDb((db) => {
      const insert = db.prepare(
        `INSERT INTO "AuditEntry" VALUES (3, ?, 5, 'ann', NULL, 'a', 'k', 't', NULL, '{}', ?, ?)`,
      );
      for (let id = 1; id <= 4; id += 1) {
        const prevHash = heads.at(-1) ?? "";
        const entry = {
          ...{
            id,
            atMs: 5,
            actor: "ann",
            address: null,
            action: "a",
            targetKind: "k",
            targetId: "t",
            before: null,
          },
          ...{ after: "{}", prevHash },
        };
        heads.push(hashOfEntry(3, entry));
        insert.run(id, prevHash, heads.at(-1));
      }
    });
    expect(await verify()).toEqual({
      code: 0,
      sound: true,
      entries: 4,
      head: heads[3],
      broken: null,
      headFound: null,
    });
    rewrite(`UPDATE "AuditEntry" SET "actor" = 'bob' WHERE "id" = 3`);
    expect(await verify()).toMatchObject({ code: 1, entries: 2, broken: { id: 3 } });
    rewrite(`DELETE FROM "AuditEntry" WHERE "id" = 3`);
    expect(await verify()).toMatchObject({
      code: 1,
      broken: { id: 3, why: "it is missing: entry 4 comes next" },
    });
    rewrite(`DELETE FROM "AuditEntry" WHERE "id" = 4`);
    expect(await verify()).toMatchObject({ code: 0, entries: 2 });
    // What was cut off the end shows by the head that was written down.
    expect(await verify("--head", heads[3] ?? "")).toMatchObject({ code: 1, headFound: false });
    expect(await verify("--head", "nonsense")).toMatchObject({ code: 2 });
  });
});

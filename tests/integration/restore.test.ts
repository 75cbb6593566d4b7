import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backUp } from "../../collector/backup/backup.ts";
import { placement, restore } from "../../collector/backup/restore.ts";
import { loadSecret } from "../../lib/runtime/secret.ts";
import { knownMigrations, migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0);
const ABOUT = { product: "9.8.7", nowMs: NOW };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-restore-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A backup of a store that `change` has altered before. */
async function backupOf(name: string, change: (db: Database.Database) => void): Promise<string> {
  const dataDir = join(folder, `of-${name}`);
  const database = join(dataDir, DATABASE_NAME);
  await migrate(database);
  loadSecret(dataDir);
  const db = new Database(database);
  change(db);
  db.close();
  const file = join(folder, `${name}.tar.zst`);
  await backUp({ dataDir, file, force: false }, ABOUT);
  return file;
}

const restored = (file: string, name: string, force = false) =>
  restore({ file, dataDir: join(folder, name), force }, NOW);

describe("a backup of another release", () => {
  it("with a newer schema is refused in a sentence that says what to do", async () => {
    const file = await backupOf("newer", (db) =>
      db.exec(`INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "started_at",
        "applied_steps_count") VALUES ('x', 'x', 1, '20991231000000_future', 1, 1)`),
    );
    await expect(restored(file, "from-newer")).rejects.toThrow(
      /Reprise 9\.8\.7 with the newer schema 20991231000000_future.*install that release/,
    );
    expect(readdirSync(join(folder, "from-newer"))).toEqual([]);
  });

  it("with an older one is brought forward", async () => {
    const newest = knownMigrations().filter((name) => /_audit$/.test(name));
    const file = await backupOf("older", (db) => {
      db.exec(`DROP TABLE "AuditEntry"`);
      db.prepare(`DELETE FROM "_prisma_migrations" WHERE "migration_name" = ?`).run(newest[0]);
    });
    expect((await restored(file, "from-older")).applied).toEqual(newest);
    const store = openReadStore({ file: join(folder, "from-older", DATABASE_NAME) });
    expect(await store.audit.walkAudit(0, { afterId: 0, limit: 5 })).toHaveLength(1);
    await store.close();
  });

  it("whose database is damaged inside is refused, though its digest fits", async () => {
    const file = await backupOf("damaged", (db) => {
      db.exec(`CREATE TABLE "t" ("a" NOT NULL); INSERT INTO "t" VALUES (1)`);
      db.unsafeMode(true);
      db.pragma("writable_schema = ON");
      db.exec(`UPDATE "sqlite_master" SET "sql" = replace("sql", '"a" NOT NULL', '"a" NOT NULL CHECK ("a" > 5)')
        WHERE "name" = 't'`);
    });
    await expect(restored(file, "from-damaged")).rejects.toThrow(/is damaged: CHECK constraint failed/);
    expect(readdirSync(join(folder, "from-damaged"))).toEqual([]);
  });

  it("that is no store of Reprise is refused", async () => {
    const dataDir = join(folder, "foreign");
    mkdirSync(dataDir);
    loadSecret(dataDir);
    const db = new Database(join(dataDir, DATABASE_NAME));
    db.exec("CREATE TABLE t (a)");
    db.close();
    await expect(
      backUp({ dataDir, file: join(folder, "foreign.tar.zst"), force: false }, ABOUT),
    ).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

it("data that SQLite cannot read any more is moved aside too", async () => {
  const file = await backupOf("sound", () => undefined);
  const dataDir = join(folder, "ruined");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, DATABASE_NAME), "this is no database, whatever its name says ".repeat(100));
  writeFileSync(join(dataDir, `${DATABASE_NAME}-wal`), "nor is this a log");
  const { aside } = await restored(file, "ruined", true);
  expect(existsSync(join(aside ?? "", DATABASE_NAME))).toBe(true);
  expect(existsSync(join(dataDir, `${DATABASE_NAME}-wal`))).toBe(false);
  const store = openReadStore({ file: join(dataDir, DATABASE_NAME) });
  expect(await store.readSources(1)).toEqual([]);
  await store.close();
});

describe("putting a store in place", () => {
  const files: Record<string, string> = {
    [DATABASE_NAME]: "database",
    [`${DATABASE_NAME}-wal`]: "log",
    secret: "secret",
  };

  it("ended between any two steps leaves no database beside a secret or log that is not its own", () => {
    const steps = placement(join(folder, "count"), "aside").length;
    for (let done = 0; done <= steps; done += 1) {
      const dataDir = join(folder, `placed-${done}`);
      mkdirSync(join(dataDir, ".restoring"), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dataDir, name), `old ${text}`);
      for (const name of [DATABASE_NAME, "secret"])
        writeFileSync(join(dataDir, ".restoring", name), `new ${files[name]}`);
      for (const step of placement(dataDir, "aside").slice(0, done)) step();
      const present = Object.keys(files)
        .filter((name) => existsSync(join(dataDir, name)))
        .map((name) => readFileSync(join(dataDir, name), "utf8").split(" ")[0]);
      if (existsSync(join(dataDir, DATABASE_NAME))) expect(new Set(present).size).toBe(1);
      const everywhere = [dataDir, join(dataDir, "aside")].flatMap((at) =>
        Object.keys(files).filter(
          (name) => existsSync(join(at, name)) && readFileSync(join(at, name), "utf8").startsWith("old"),
        ),
      );
      expect(everywhere.sort()).toEqual(Object.keys(files).sort());
    }
  });
});

import Database from "better-sqlite3";

/** What is done with a database file as a whole, beside the client that reads and writes its rows. */

const BUSY_TIMEOUT_MS = 5_000;

/** Copies the file as it is at one moment, while others read and write it. `to` must not exist, or be empty. */
export function copySnapshot(file: string, to: string): void {
  withFile(file, (db) => db.prepare("VACUUM INTO ?").run(to));
}

export type FileFacts = {
  /** Migrations that were applied in full, oldest first. */
  readonly migrations: readonly string[];
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
};

/** What a database file holds. Throws where it is no store of Reprise. */
export function factsOf(file: string): FileFacts {
  return withFile(file, (db) => {
    const names = db
      .prepare(
        `SELECT "name" FROM "sqlite_master" WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite!_%' ESCAPE '!'
           AND "name" NOT LIKE '!_%' ESCAPE '!' ORDER BY "name"`,
      )
      .pluck()
      .all() as string[];
    const rows = names.map((name) => [
      name,
      Number(
        db
          .prepare(`SELECT count(*) FROM "${name.replaceAll('"', '""')}"`)
          .pluck()
          .get(),
      ),
    ]);
    const migrations = db
      .prepare(
        `SELECT "migration_name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL
           AND "rolled_back_at" IS NULL ORDER BY "migration_name"`,
      )
      .pluck()
      .all() as string[];
    return { migrations, rows: Object.fromEntries(rows) };
  });
}

/** What SQLite finds wrong in a file; empty for a sound one. */
export function damageOf(file: string): readonly string[] {
  return withFile(file, (db) => {
    const found = db.prepare("PRAGMA integrity_check(10)").pluck().all() as string[];
    return found.length === 1 && found[0] === "ok" ? [] : found;
  });
}

/** Makes a file stand alone: nothing of it is in a log beside it any more. Nobody else may have it open. */
export function settle(file: string): void {
  withFile(file, (db) => {
    db.pragma("journal_mode = DELETE");
    // In write-ahead mode again, so that whoever opens it shows (see `hold`); its log goes with the last connection.
    db.pragma("journal_mode = WAL");
  });
}

/**
 * Settles a file and keeps everybody else out until the answered function is called. null: it is in use. Also "held" is a
 * file that SQLite cannot read: nobody can work with it.
 */
export function hold(file: string): (() => void) | null {
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // In write-ahead mode every open connection holds a lock, an idle one too: this takes being the only one.
    db.pragma("journal_mode = DELETE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    const code = String((error as { code?: string }).code);
    if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
      db.close();
      return null;
    }
    if (!/^SQLITE_(NOTADB|CORRUPT|IOERR)/.test(code)) {
      db.close();
      throw error;
    }
  }
  return () => db.close();
}

function withFile<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

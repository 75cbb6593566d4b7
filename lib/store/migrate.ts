import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../runtime/folder.ts";
import { openSchemaEngine } from "./schema-engine.ts";
import { SqliteAdapter } from "./sqlite/adapter.ts";

const PRISMA_FOLDER = fileURLToPath(new URL("../../prisma", import.meta.url));
const NO_FILTER = { externalTables: [], externalEnums: [] };

type MigrationDirectory = {
  path: string;
  migrationFile: { path: string; content: { tag: "ok"; value: string } };
};

/**
 * Brings a database file to the newest schema, as `prisma migrate deploy` would and in its own bookkeeping table, but
 * offline and in this process. Creates the file and its folder. Throws what the engine says where a migration fails.
 */
export async function migrate(file: string): Promise<{ applied: string[] }> {
  makeFolder(dirname(file));
  const schema = readFileSync(join(PRISMA_FOLDER, "schema.prisma"), "utf8");
  const adapter = new SqliteAdapter({ file, readonly: false });
  const engine = await openSchemaEngine(adapter, [["schema.prisma", schema]]);
  const all = migrationDirectories();
  try {
    const { appliedMigrationNames } = await apply(engine, all);
    return { applied: appliedMigrationNames };
  } finally {
    engine.free();
    adapter.closeAll();
  }
}

/** Names of the migrations that this release knows, oldest first; the last one names its schema. */
export const knownMigrations = (): string[] => migrationDirectories().map(({ path }) => path);

async function apply(
  engine: Awaited<ReturnType<typeof openSchemaEngine>>,
  migrationDirectories: MigrationDirectory[],
): Promise<{ appliedMigrationNames: string[] }> {
  const input = (list: MigrationDirectory[]) =>
    ({
      migrationsList: {
        baseDir: join(PRISMA_FOLDER, "migrations"),
        lockfile: { path: "./migration_lock.toml", content: 'provider = "sqlite"\n' },
        shadowDbInitScript: "",
        migrationDirectories: list,
      },
      filters: NO_FILTER,
    }) as unknown as Parameters<typeof engine.applyMigrations>[0];
  try {
    return await engine.applyMigrations(input(migrationDirectories));
  } catch (error) {
    // On an empty database the engine looks for its table before it makes it; an empty list makes it.
    if (!String((error as { message?: string }).message ?? error).includes("_prisma_migrations")) throw error;
    await engine.applyMigrations(input([]));
    return engine.applyMigrations(input(migrationDirectories));
  }
}

function migrationDirectories(): MigrationDirectory[] {
  const folder = join(PRISMA_FOLDER, "migrations");
  return readdirSync(folder)
    .sort()
    .filter((name) => existsSync(join(folder, name, "migration.sql")))
    .map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(join(folder, name, "migration.sql"), "utf8") },
      },
    }));
}

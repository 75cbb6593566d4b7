#!/usr/bin/env node
/**
 * Answers the Prisma CLI's schema-engine protocol (JSON-RPC lines on standard input and output) with the WebAssembly
 * engine, so that `prisma migrate deploy|status|diff` work where the native binary cannot be fetched.
 */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const { openSchemaEngine } = await import("../lib/store/schema-engine.ts");
const { SqliteAdapter } = await import("../lib/store/sqlite/adapter.ts");

const argumentAfter = (name) => process.argv.flatMap((v, i, all) => (all[i - 1] === name ? [v] : []));
const datasource = JSON.parse(argumentAfter("--datasource")[0] ?? "{}");
const file = String(datasource.url ?? process.env.DATABASE_URL ?? "file:./data/reprise.db").replace(
  /^file:/,
  "",
);
// `migrate diff` names no file, but the engine wants one to know the provider by.
const given = argumentAfter("--datamodels");
const datamodels = await Promise.all(
  (given.length ? given : ["prisma/schema.prisma"]).map(async (path) => [path, await readFile(path, "utf8")]),
);

// Whether it can be connected to, or made: SQLite makes a missing file when it is opened.
if (process.argv.includes("cli")) process.exit(0);

const adapter = new SqliteAdapter({ file, readonly: false });
const engine = await openSchemaEngine(adapter, datamodels);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

async function call(method, parameters) {
  if (method === "getDatabaseVersion") return engine.version(parameters);
  if (method === "applyMigrations") {
    try {
      return await engine.applyMigrations(parameters);
    } catch (error) {
      // An empty database has no migrations table yet; an empty list makes it.
      if (!String(error?.message ?? error).includes("_prisma_migrations")) throw error;
      const list = { ...parameters.migrationsList, migrationDirectories: [] };
      await engine.applyMigrations({ ...parameters, migrationsList: list });
      return engine.applyMigrations(parameters);
    }
  }
  const result = await engine[method](parameters);
  if (method === "diff" && result?.stdout) send({ method: "print", params: { content: result.stdout } });
  return result ?? null;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.method === undefined) continue;
  try {
    send({ id: request.id, result: await call(request.method, request.params) });
  } catch (error) {
    const data = { is_panic: false, message: String(error?.message ?? error), meta: error?.meta ?? null };
    send({ id: request.id, error: { code: 4466, message: data.message, data } });
  }
}
process.exit(0);

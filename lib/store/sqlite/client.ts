import { WorldError } from "../../runtime/invariant.ts";
import { PrismaClient } from "../generated/client.ts";
import { SqliteAdapter } from "./adapter.ts";
import { DirectSql } from "./direct.ts";

/** What the client, an open transaction and the connection itself can do with raw SQL. */
export interface Sql {
  $executeRawUnsafe(statement: string, ...parameters: readonly unknown[]): Promise<number>;
  $queryRawUnsafe<T>(statement: string, ...parameters: readonly unknown[]): Promise<T>;
}

/** A Prisma client on one SQLite file. It opens the file with the first query. */
export function openClient(file: string, readonly: boolean): PrismaClient {
  return openConnection(file, readonly).prisma;
}

export type Connection = {
  readonly prisma: PrismaClient;
  /** The connection itself, which Prisma makes with its first question. */
  direct(): Promise<DirectSql>;
};

/** The same, with the connection that it makes. */
export function openConnection(file: string, readonly: boolean): Connection {
  const adapter = new SqliteAdapter({ file, readonly });
  const prisma = new PrismaClient({ adapter });
  let direct: DirectSql | null = null;
  return {
    prisma,
    direct: async () => {
      if (direct === null) await prisma.$queryRawUnsafe("SELECT 1");
      direct ??= new DirectSql(adapter.handle);
      return direct;
    },
  };
}

/**
 * Runs a statement whose single row and column is a JSON array, and parses it. One text costs Prisma a twentieth of
 * what the same rows cost one by one (measured: docs/decisions/001-rollup-layout.md).
 */
export async function queryJson<T>(sql: Sql, statement: string, ...parameters: unknown[]): Promise<T[]> {
  const rows = await sql.$queryRawUnsafe<{ json: string | null }[]>(statement, ...parameters);
  return JSON.parse(rows[0]?.json ?? "[]") as T[];
}

/** A number that changes with every commit of another connection. */
export async function readRevision(sql: Sql): Promise<number> {
  const rows = await sql.$queryRawUnsafe<{ data_version: number | bigint }[]>("PRAGMA data_version");
  return Number(rows[0]?.data_version ?? 0);
}

const RETRYABLE =
  /locked|busy|disk is full|database or disk|SQLITE_(BUSY|LOCKED|FULL|IOERR)|P1008|P2034|timeout/i;

/** Turns whatever Prisma throws into a WorldError that says whether to try again. */
export function toWorldError(what: string, cause: unknown): WorldError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const lastLine = message.trim().split("\n").at(-1) ?? message;
  return new WorldError(`${what}: ${lastLine}`, { retryable: RETRYABLE.test(message), cause });
}

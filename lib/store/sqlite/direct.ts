import type Database from "better-sqlite3";
import type { Sql } from "./client.ts";

/**
 * Statements on the connection that Prisma holds, each prepared once: for what runs hundreds of times a second. Through Prisma a
 * statement costs 60 µs, here 2 (docs/performance.md). Whoever uses it has the connection to themselves meanwhile.
 */
export class DirectSql implements Sql {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Runs work in a transaction that nobody else joins. */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = await work(this);
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk may have ended it already.
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  async $executeRawUnsafe(statement: string, ...parameters: readonly unknown[]): Promise<number> {
    return this.#prepared(statement).run(...parameters.map(bindable)).changes;
  }

  async $queryRawUnsafe<T>(statement: string, ...parameters: readonly unknown[]): Promise<T> {
    return this.#prepared(statement).all(...parameters.map(bindable)) as T;
  }

  #prepared(statement: string): Database.Statement {
    let prepared = this.#statements.get(statement);
    if (!prepared) {
      prepared = this.#database.prepare(statement);
      this.#statements.set(statement, prepared);
    }
    return prepared;
  }
}

/** A whole number beyond 32 bits would arrive as a float, and divide like one. */
function bindable(value: unknown): unknown {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

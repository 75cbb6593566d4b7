import { type Connection, type Sql, toWorldError } from "./client.ts";
import type { Runner } from "./runner.ts";

/** Longest a transaction may take before Prisma gives it up, milliseconds. */
const TRANSACTION_TIMEOUT_MS = 120_000;

/**
 * One after another on one connection: a statement of somebody else that ran while a transaction is open would join it, and
 * vanish with its rollback. Whatever is thrown becomes a WorldError with what was being done.
 */
export class Turns implements Runner {
  readonly #connection: Connection;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  read<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(what, () => work(this.#connection.prisma));
  }

  /** A transaction by Prisma. */
  write<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const options = { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_TIMEOUT_MS };
    const { prisma } = this.#connection;
    return this.#inTurn(what, () => prisma.$transaction((transaction) => work(transaction), options));
  }

  /** The connection itself, which nobody else uses meanwhile. */
  direct<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(what, async () => work(await this.#connection.direct()));
  }

  /** A transaction on the connection itself. */
  bulk<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(what, async () => (await this.#connection.direct()).transaction(work));
  }

  /** The connection, each statement in a turn of its own: for what waits for others in between. */
  each(what: string): Sql {
    return {
      $queryRawUnsafe: (...statement) => this.direct(what, (sql) => sql.$queryRawUnsafe(...statement)),
      $executeRawUnsafe: (...statement) => this.direct(what, (sql) => sql.$executeRawUnsafe(...statement)),
    };
  }

  /** Ends once everything that was asked for has ended. */
  async ended(): Promise<void> {
    await this.#tail.catch(() => undefined);
  }

  #inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work).catch((cause: unknown) => {
      throw toWorldError(what, cause);
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

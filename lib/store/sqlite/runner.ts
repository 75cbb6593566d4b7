import type { Sql } from "./client.ts";

/**
 * How a part of the engine reaches the data: reads and transactions run one after another with everybody else's (see
 * SqliteStore). `what` names the work in errors.
 */
export type Runner = {
  read<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  write<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T>;
};

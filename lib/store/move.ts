import { WorldError } from "../runtime/invariant.ts";
import { ClickhouseSums } from "./clickhouse/sums.ts";
import { migrate } from "./migrate.ts";
import { openConnection, type Sql, toWorldError } from "./sqlite/client.ts";
import { holdTo, isFar, noteFar, readInstallation } from "./sqlite/far-writes.ts";
import { copySums, deleteSums, type MoveReport } from "./sqlite/move-sums.ts";
import { hold, settle } from "./sqlite/whole-file.ts";

export type { MoveReport };

/** Why nothing was moved, in a sentence. */
export class MoveProblem extends Error {}

type Moving = {
  readonly url: string;
  /** Called after each stretch that was copied and compared. */
  readonly tell: Parameters<typeof copySums>[2];
};

/**
 * Moves minutes and hours from the database file to ClickHouse: copies them, compares, notes that they are there now, and deletes
 * them here. Killed at any moment, it goes on when it is called again. Nobody else may have the store open. Answers null where
 * there was nothing to move any more. Throws MoveProblem, WorldError.
 */
export async function moveSums(file: string, { url, tell }: Moving): Promise<MoveReport | null> {
  const release = hold(file);
  if (release === null) throw new MoveProblem("The store is in use: stop collector and console first.");
  release();
  await migrate(file);
  const connection = openConnection(file, false);
  const far = new ClickhouseSums(url);
  try {
    const sql = await connection.direct();
    await sql.$queryRawUnsafe("PRAGMA locking_mode = EXCLUSIVE");
    const run = <T>(work: (sql: Sql) => Promise<T>): Promise<T> => sql.transaction(work);
    const before = await run(isFar);
    if (!before) await run((transaction) => holdTo(transaction, false));
    await far.prepare(await readInstallation(sql));
    const report = before ? null : await copySums(sql, far.move, tell);
    await run(noteFar);
    await deleteSums(run);
    return report;
  } catch (error) {
    throw error instanceof WorldError ? error : toWorldError("move sums", error);
  } finally {
    await connection.prisma.$disconnect();
    await far.close();
    settle(file);
  }
}

import { WorldError } from "../../runtime/invariant.ts";
import { SUMS_END } from "./schema.ts";
import type { Server } from "./server.ts";

const MUTATION_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

type Table = { readonly name: string; readonly partitionMs: number };

/** Deletions within a partition write it anew, so they come a few times for each partition: hourly for minutes of a day. */
const DELETIONS_A_PARTITION = 24;

/**
 * Deletes everybody's rows of a table before a moment: whole partitions at once, and what is older in the partition that the
 * moment lies in, a while later. Answers how many rows of sums went.
 */
export async function dropBefore(server: Server, { name, partitionMs }: Table, ms: number): Promise<number> {
  const first = Math.floor(ms / partitionMs);
  const old = await server.rows<[partition: string, rows: string | number]>(
    "look for old partitions",
    `SELECT toString(intDiv(bucketStartMs, ${partitionMs})) AS p, countIf(tier < ${SUMS_END}) FROM ${server.database}.${name}
     WHERE bucketStartMs < ${Math.max(0, first) * partitionMs} GROUP BY p`,
  );
  let rows = 0;
  for (const [partition, count] of old) {
    await server.run(
      "drop a partition",
      `ALTER TABLE ${server.database}.${name} DROP PARTITION ${Number(partition)}`,
    );
    rows += Number(count);
  }
  const unitMs = partitionMs / DELETIONS_A_PARTITION;
  const before = Math.max(0, Math.floor(ms / unitMs)) * unitMs;
  return rows + (await deleteRows(server, name, `bucketStartMs < ${before}`));
}

/** Deletes rows and waits until they are gone; answers how many of them were sums. */
export async function deleteRows(server: Server, table: string, where: string): Promise<number> {
  const whole = `${server.database}.${table}`;
  const [found] = await server.rows<[all: string | number, sums: string | number]>(
    "look for old rows",
    `SELECT count(), countIf(tier < ${SUMS_END}) FROM ${whole} WHERE ${where}`,
  );
  if (Number(found?.[0]) === 0) return 0;
  await server.run("delete rows", `ALTER TABLE ${whole} DELETE WHERE ${where}`);
  const endMs = performance.now() + MUTATION_WITHIN_MS;
  // Older servers know no setting that waits for it.
  while (await isUnderWay(server, table)) {
    if (performance.now() > endMs)
      throw new WorldError("delete rows in ClickHouse: not done yet", { retryable: true });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return Number(found?.[1]);
}

async function isUnderWay(server: Server, table: string): Promise<boolean> {
  const [row] = await server.rows<[string | number]>(
    "look at deletions",
    `SELECT count() FROM system.mutations WHERE database = '${server.database}' AND table = '${table}' AND is_done = 0`,
  );
  return Number(row?.[0]) > 0;
}

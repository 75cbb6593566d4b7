import { WorldError } from "../../runtime/invariant.ts";
import { HISTOGRAM_METRICS, type ResolutionMs } from "../port.ts";
import type { Server } from "./server.ts";

const DAY_MS = 86_400_000;
/** Rows that tell that a block is in the sums, and that a stretch was moved here from a file: no tier has these numbers. */
export const BLOCK_TIER = 255;
export const MOVED_TIER = 254;
/** Sums have lower numbers. */
export const SUMS_END = MOVED_TIER;
/** Tables of sums, with what one partition covers: a day of minutes, a week of hours. */
export const TABLES = {
  60000: { name: "minutes", partitionMs: DAY_MS },
  3600000: { name: "hours", partitionMs: 7 * DAY_MS },
} as const;

/** The table of a resolution; ten seconds have none. */
export function tableOf(resolutionMs: ResolutionMs): (typeof TABLES)[keyof typeof TABLES] {
  if (resolutionMs === 10_000) throw new Error("ten seconds are not kept in ClickHouse");
  return TABLES[resolutionMs];
}

// Sums with equal keys become one row: columns add up, and pairs in a nested column whose name ends in Map by their first.
const sumsTable = (database: string, { name, partitionMs }: (typeof TABLES)[keyof typeof TABLES]): string =>
  `CREATE TABLE IF NOT EXISTS ${database}.${name} (
    tier UInt8, tenantId UInt32, endpointId UInt32, bucketStartMs UInt64, segmentId UInt32, resultId UInt32, count UInt64,
    ${HISTOGRAM_METRICS.map((metric) => `${metric}Sum UInt64, ${metric}Map Nested(bin UInt16, weight UInt64)`).join(", ")}
  ) ENGINE = SummingMergeTree PARTITION BY intDiv(bucketStartMs, ${partitionMs})
  ORDER BY (tier, tenantId, endpointId, bucketStartMs, segmentId, resultId)`;

/** Each once, in this order; they do no harm when they are repeated. */
const MIGRATIONS: readonly ((database: string) => string[])[] = [
  (database) => Object.values(TABLES).map((table) => sumsTable(database, table)),
];

/**
 * Makes what is missing, or brings it forward. Throws a WorldError where the database belongs to another installation, whose
 * numbers mean something else, or to a newer release.
 */
export async function prepareSchema(server: Server, installation: number): Promise<void> {
  const { database } = server;
  await server.run("make a database", `CREATE DATABASE IF NOT EXISTS ${database}`);
  await server.run(
    "make a table",
    `CREATE TABLE IF NOT EXISTS ${database}.facts (name String, value UInt64) ENGINE = MergeTree ORDER BY name`,
  );
  const facts = new Map(
    await server.rows<[string, string | number]>(
      "read the schema",
      `SELECT name, max(value) FROM ${database}.facts GROUP BY name`,
    ),
  );
  const owner = facts.get("installation");
  if (owner !== undefined && Number(owner) !== installation)
    throw new WorldError(
      `The ClickHouse database ${database} belongs to another Reprise, whose data folder is a different one.`,
      { retryable: false },
    );
  const version = Number(facts.get("schema") ?? 0);
  if (version > MIGRATIONS.length)
    throw new WorldError(`The ClickHouse database ${database} was written by a newer release of Reprise.`, {
      retryable: false,
    });
  const note = (name: string, value: number): Promise<void> =>
    server.run("note a fact", `INSERT INTO ${database}.facts (name, value) VALUES ('${name}', ${value})`);
  if (owner === undefined) await note("installation", installation);
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of statements(database)) await server.run("bring the schema forward", statement);
    await note("schema", index + 1);
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrate } from "../migrate.ts";
import type { RollupQuery } from "../port.ts";
import { openConnection, type Sql } from "./client.ts";
import { Interner } from "./interner.ts";
import { readRollups } from "./read-rollups.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-plan-"));
});
afterEach(() => rm(folder, { recursive: true }));

it.each<[string, Partial<RollupQuery>]>([
  ["two dimensions", { by: ["endpoint", "node"] }],
  ["one dimension", { by: ["node"] }],
  ["an endpoint by node", { by: ["node"], filter: { endpoint: ["shop"] } }],
  ["everything", {}],
])("%s: rows find their segment by an index, however many segments there are", async (_name, query) => {
  const file = join(folder, "reprise.db");
  await migrate(file);
  const connection = openConnection(file, false);
  const direct = await connection.direct();
  const interner = new Interner();
  for (const node of ["a", "b"])
    for (const vantage of ["log", "counters"] as const)
      interner.segmentId(
        1,
        { endpoint: "shop", node, region: null, family: null, protocol: null },
        { source: "haproxy", system: "haproxy", vantage },
      );
  const plans: string[] = [];
  const sql: Sql = {
    $executeRawUnsafe: (...given) => direct.$executeRawUnsafe(...given),
    $queryRawUnsafe: async (statement, ...parameters) => {
      if (statement.includes(`"Rollup"`)) {
        const steps = await direct.$queryRawUnsafe<{ detail: string }[]>(
          `EXPLAIN QUERY PLAN ${statement}`,
          ...parameters,
        );
        plans.push(...steps.map(({ detail }) => detail));
      }
      return direct.$queryRawUnsafe(statement, ...parameters);
    },
  };
  const views = async () => ({ seen: [], choices: [] });
  const window = { fromMs: 0, toMs: 3_600_000, stepMs: 60_000 };
  const keptFromMs = () => Number.NEGATIVE_INFINITY;
  await readRollups({ sql, interner, keptFromMs, views, far: null }, 1, { ...window, ...query });
  expect(plans.some((step) => step.startsWith("SEARCH r USING PRIMARY KEY"))).toBe(true);
  expect(plans.filter((step) => /^SCAN (seg|first|r)\b/.test(step))).toEqual([]);
  await connection.prisma.$disconnect();
});

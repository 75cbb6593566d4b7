import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate } from "../../lib/store/migrate.ts";

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-migrate-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function prisma(file: string, ...words: string[]): Promise<string> {
  const cli = join("node_modules", ".bin", "prisma");
  const { stdout } = await run(cli, words, { env: { ...process.env, DATABASE_URL: `file:${file}` } });
  return stdout;
}

it("applies every migration once", async () => {
  const file = join(folder, "own.db");
  const first = await migrate(file);
  expect(first.applied.length).toBeGreaterThan(0);
  expect(await migrate(file)).toEqual({ applied: [] });
});

it("agrees with the Prisma CLI, whichever came first", async () => {
  const own = join(folder, "own-first.db");
  await migrate(own);
  expect(await prisma(own, "migrate", "status")).toContain("Database schema is up to date");
  const cli = join(folder, "cli-first.db");
  expect(await prisma(cli, "migrate", "deploy")).toContain("successfully applied");
  expect(await migrate(cli)).toEqual({ applied: [] });
}, 60_000);

it("the migrations make what schema.prisma says, and the check would notice if not", async () => {
  const diff = (schema: string): Promise<string> =>
    prisma(
      join(folder, "diff.db"),
      ...["migrate", "diff", "--from-migrations", "prisma/migrations", "--to-schema", schema, "--exit-code"],
    );
  await expect(diff("prisma/schema.prisma")).resolves.toBeTypeOf("string");
  const other = join(folder, "other.prisma");
  const text = await readFile("prisma/schema.prisma", "utf8");
  await writeFile(other, text.replace("model Meta {", "model Meta {\n  added Int?"));
  await expect(diff(other)).rejects.toMatchObject({ code: 2 });
}, 60_000);

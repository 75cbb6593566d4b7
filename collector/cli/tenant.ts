import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { inWhole } from "../../lib/domain/words.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { EraseProblem, eraseTenantOf } from "../../lib/store/erase.ts";
import { migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME, openingOf, openReadStore } from "../../lib/store/open.ts";
import { createTenantOf, TenantProblem } from "../../lib/store/tenants.ts";

type Streams = { readonly stdout: Writable; readonly stderr: Writable };
type EraseArguments = { readonly name: string; readonly yes?: boolean; readonly json?: boolean };

/** Adds `reprise tenant create|list|erase`. */
export function registerTenant(program: Command): void {
  const tenant = program.command("tenant").description("tenants: whose data is whose");
  tenant
    .command("create")
    .description("make a tenant; collector and console may run")
    .argument("<name>")
    .action(async (name: string) => {
      process.exitCode = await createCommand(name, readSettings(process.env), process);
    });
  tenant
    .command("list")
    .description("tenants by name")
    .option("--json", "print as JSON")
    .action(async (options: { readonly json?: boolean }) => {
      process.exitCode = await listCommand(options, readSettings(process.env), process);
    });
  tenant
    .command("erase")
    .description("delete everything of a tenant; collector and console must not run")
    .option("--yes", "yes, for good")
    .option("--json", "print what was deleted as JSON")
    .argument("<name>")
    .action(async (name: string, options: Omit<EraseArguments, "name">) => {
      process.exitCode = await eraseCommand({ ...options, name }, readSettings(process.env), process);
    });
}

const fileOf = ({ dataDir }: Settings): string => join(resolve(dataDir), DATABASE_NAME);
const onThisHost = (): string => `${userInfo().username} (on the host)`;

/** `reprise tenant create`. Answers the exit code: 1 when none was made. */
export async function createCommand(name: string, settings: Settings, io: Streams): Promise<number> {
  try {
    await createTenantOf(fileOf(settings), { name, nowMs: Date.now(), by: onThisHost() });
    io.stdout.write(
      `Made the tenant ${name}. Give people a role in it (reprise user), and senders a token.\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof TenantProblem || error instanceof WorldError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** `reprise tenant list`. Answers the exit code. */
export async function listCommand(
  { json }: { readonly json?: boolean },
  settings: Settings,
  io: Streams,
): Promise<number> {
  const file = fileOf(settings);
  if (!existsSync(file)) await migrate(file);
  const store = openReadStore({ file });
  try {
    const names = (await store.people.readTenants()).map(({ name }) => name);
    io.stdout.write(`${json ? JSON.stringify({ tenants: names }) : names.join("\n")}\n`);
    return 0;
  } finally {
    await store.close();
  }
}

/** `reprise tenant erase`. Answers the exit code: 2 without --yes, 1 when nothing was erased. */
export async function eraseCommand(
  { name, yes, json }: EraseArguments,
  settings: Settings,
  io: Streams,
): Promise<number> {
  if (!yes) {
    io.stderr.write(
      `This deletes everything of ${name} for good, backups aside: say --yes if you mean it.\n`,
    );
    return 2;
  }
  const { file, storeUrl } = openingOf(settings);
  if (!existsSync(file)) {
    io.stderr.write(`There is no store at ${file}: set REPRISE_DATA_DIR.\n`);
    return 1;
  }
  try {
    const erased = await eraseTenantOf(file, { name, by: onThisHost(), nowMs: Date.now(), storeUrl });
    const rows = Object.values(erased).reduce((sum, count) => sum + count, 0);
    const text = `Erased ${name}: ${inWhole(rows)} rows of ${Object.keys(erased).length} tables. Backups that were made before still hold them.`;
    io.stdout.write(`${json ? JSON.stringify({ tenant: name, erased }) : text}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof EraseProblem || error instanceof WorldError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return 1;
  }
}

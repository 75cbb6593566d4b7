import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { inWhole } from "../../lib/domain/words.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { EraseProblem, eraseTenantOf } from "../../lib/store/erase.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";

type Streams = { readonly stdout: Writable; readonly stderr: Writable };
type EraseArguments = { readonly name: string; readonly yes?: boolean; readonly json?: boolean };

/** Adds `reprise tenant erase`. */
export function registerTenant(program: Command): void {
  const tenant = program.command("tenant").description("tenants: whose data is whose");
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
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  if (!existsSync(file)) {
    io.stderr.write(`There is no store at ${file}: set REPRISE_DATA_DIR.\n`);
    return 1;
  }
  try {
    const by = `${userInfo().username} (on the host)`;
    const erased = await eraseTenantOf(file, { name, by, nowMs: Date.now() });
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

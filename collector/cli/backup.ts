import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { inWhole } from "../../lib/domain/words.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { UnfitStore } from "../../lib/store/whole.ts";
import { UnfitBackup } from "../backup/archive.ts";
import { BackupProblem, backUp } from "../backup/backup.ts";
import { RestoreProblem, restore } from "../backup/restore.ts";

type Streams = { readonly stdout: Writable; readonly stderr: Writable };
type BackupArguments = { readonly file: string; readonly force?: boolean; readonly json?: boolean };
type RestoreArguments = BackupArguments & { readonly to?: string };

/** Adds `reprise backup` and `reprise restore`. */
export function registerBackup(program: Command): void {
  program
    .command("backup")
    .description("back up the store and the installation's secret into one file, while everything runs")
    .option("--force", "replace the file")
    .option("--json", "print what is in it as JSON")
    .argument("<file>", "where to, such as reprise.tar.zst; only its owner can read it")
    .action(async (file: string, options: Omit<BackupArguments, "file">) => {
      process.exitCode = await backupCommand({ ...options, file }, readSettings(process.env), process);
    });
  program
    .command("restore")
    .description("restore a backup; collector and console must not run")
    .option("--to <folder>", "data folder (default: REPRISE_DATA_DIR)")
    .option("--force", "move data that is there aside")
    .option("--json", "print what was restored as JSON")
    .argument("<file>", "what reprise backup wrote")
    .action(async (file: string, options: Omit<RestoreArguments, "file">) => {
      process.exitCode = await restoreCommand({ ...options, file }, readSettings(process.env), process);
    });
}

/** `reprise backup`. Answers the exit code: 1 when there is nothing to back up or no room for it. */
export function backupCommand(input: BackupArguments, settings: Settings, io: Streams): Promise<number> {
  return told(io, async () => {
    const { file, force = false, json } = input;
    const made = await backUp(
      { dataDir: settings.dataDir, file, force },
      { product: VERSION, nowMs: Date.now() },
    );
    const rows = Object.values(made.rows).reduce((sum, count) => sum + count, 0);
    return json
      ? JSON.stringify({ file, ...made })
      : `${file}: ${inWhole(made.bytes)} bytes, ${inWhole(rows)} rows in ${Object.keys(made.rows).length} tables, as of ${new Date(made.createdMs).toISOString()}. It holds the installation's secret: keep it as safe as the store.`;
  });
}

/** `reprise restore`. Answers the exit code: 1 when nothing was restored. */
export function restoreCommand(input: RestoreArguments, settings: Settings, io: Streams): Promise<number> {
  return told(io, async () => {
    const dataDir = input.to ?? settings.dataDir;
    const { manifest, applied, aside } = await restore(
      { file: input.file, dataDir, force: input.force ?? false },
      Date.now(),
    );
    if (input.json) return JSON.stringify({ dataDir, aside, applied, ...manifest });
    const lines = [`Restored to ${dataDir}: the store as of ${new Date(manifest.createdMs).toISOString()}.`];
    if (applied.length > 0) lines.push(`Brought to this release's schema (${applied.join(", ")}).`);
    if (aside) lines.push(`What was there before is in ${aside}.`);
    return lines.join("\n");
  });
}

const VERSION = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;

const EXPECTED = [BackupProblem, RestoreProblem, UnfitBackup, UnfitStore, WorldError];

/** Prints what a command answers, or in a sentence why it did not. */
export async function told(io: Streams, work: () => Promise<string>): Promise<number> {
  try {
    io.stdout.write(`${await work()}\n`);
    return 0;
  } catch (error) {
    const known =
      EXPECTED.some((kind) => error instanceof kind) || (error as { code?: unknown }).code !== undefined;
    if (!known) throw error;
    io.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

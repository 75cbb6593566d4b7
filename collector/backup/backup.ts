import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { snapshotStore } from "../../lib/store/whole.ts";
import { type Manifest, measurePart, PARTS, writeArchive } from "./archive.ts";

/** Why there is no backup, in a sentence. */
export class BackupProblem extends Error {}

/**
 * Backs a data folder up into one file, while collector and console go on. What is in it is the store at one moment, and
 * the secret under which its identifiers are hashed. The file is there whole or not at all. Throws BackupProblem.
 */
export async function backUp(
  input: { readonly dataDir: string; readonly file: string; readonly force: boolean },
  about: { readonly product: string; readonly nowMs: number },
): Promise<Manifest & { readonly bytes: number }> {
  const [dataDir, file] = [resolve(input.dataDir), resolve(input.file)];
  for (const name of PARTS)
    if (!existsSync(join(dataDir, name)))
      throw new BackupProblem(
        `There is no ${name} in ${dataDir}: start the collector once, or set REPRISE_DATA_DIR.`,
      );
  if (!input.force && existsSync(file)) throw taken(file);
  if (!existsSync(dirname(file))) throw new BackupProblem(`There is no folder ${dirname(file)}.`);
  // Beside the file, so that moving it into place is one step; mkdtemp makes folders that only their owner enters.
  const staging = mkdtempSync(join(dirname(file), ".reprise-backup-"));
  try {
    const facts = snapshotStore(join(dataDir, DATABASE_NAME), join(staging, DATABASE_NAME));
    copyFileSync(join(dataDir, "secret"), join(staging, "secret"));
    for (const name of PARTS) chmodSync(join(staging, name), 0o600);
    const manifest: Manifest = {
      ...{ format: 1, product: about.product, schema: facts.migrations.at(-1) ?? "", createdMs: about.nowMs },
      rows: facts.rows,
      parts: [await measurePart(staging, "secret"), await measurePart(staging, "reprise.db")],
    };
    const made = join(staging, "backup");
    await writeArchive(staging, manifest, made);
    const { size: bytes } = statSync(made);
    putInPlace(made, file, input.force);
    return { ...manifest, bytes };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function putInPlace(made: string, file: string, force: boolean): void {
  if (force) {
    renameSync(made, file);
    return;
  }
  try {
    linkSync(made, file);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? taken(file) : error;
  }
}

const taken = (file: string): BackupProblem =>
  new BackupProblem(`${file} exists already: name another file, or say --force to replace it.`);

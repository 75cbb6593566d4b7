import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { makeFolder } from "../../lib/runtime/folder.ts";
import { DATABASE_NAME, openPeopleStore } from "../../lib/store/open.ts";
import { INSTALLATION } from "../../lib/store/port-audit.ts";
import { holdStore, prepareStore } from "../../lib/store/whole.ts";
import { type Manifest, readArchive } from "./archive.ts";

/** Why nothing was restored, in a sentence. */
export class RestoreProblem extends Error {}

/** What a data folder holds of the store: what is moved aside together, the database first. */
const STORE_FILES = [DATABASE_NAME, `${DATABASE_NAME}-wal`, `${DATABASE_NAME}-shm`, "secret"];
/** A folder of its own name: what a killed restore left is cleared away by the next one. */
const STAGING = ".restoring";

export type Restored = {
  readonly manifest: Manifest;
  /** Migrations that brought the store to this release. */
  readonly applied: readonly string[];
  /** Where the data is that was there before; null: there was none. */
  readonly aside: string | null;
};

/**
 * Restores a backup into a data folder. Everything is unpacked, checked and migrated in a folder beside before anything is
 * put in place; data that is there is never deleted but moved aside, and only with `force`. Killed at any moment, the
 * folder holds the old store, or no store and the old one aside, or the new one whole. Throws RestoreProblem,
 * UnfitBackup, UnfitStore.
 */
export async function restore(
  input: { readonly file: string; readonly dataDir: string; readonly force: boolean },
  nowMs: number,
): Promise<Restored> {
  const dataDir = resolve(input.dataDir);
  if (!existsSync(input.file)) throw new RestoreProblem(`There is no file ${input.file}.`);
  makeFolder(dataDir);
  const old = STORE_FILES.filter((name) => existsSync(join(dataDir, name)));
  if (old.length > 0 && !input.force)
    throw new RestoreProblem(
      `${dataDir} holds data already (${old.join(", ")}): restore to another folder with --to, or say --force to move it aside.`,
    );
  const release = old.includes(DATABASE_NAME) ? holdStore(join(dataDir, DATABASE_NAME)) : () => undefined;
  if (release === null)
    throw new RestoreProblem(`The store in ${dataDir} is in use: stop collector and console first.`);
  try {
    const { manifest, applied } = await stage(input.file, dataDir, nowMs);
    const aside =
      old.length > 0 ? `before-restore-${new Date(nowMs).toISOString().replaceAll(":", "-")}` : null;
    for (const step of placement(dataDir, aside)) step();
    return { manifest, applied, aside: aside && join(dataDir, aside) };
  } finally {
    release();
    rmSync(join(dataDir, STAGING), { recursive: true, force: true });
  }
}

async function stage(file: string, dataDir: string, nowMs: number) {
  const staging = join(dataDir, STAGING);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { mode: 0o700 });
  const manifest = await readArchive(file, staging, ({ parts }) => {
    const needed = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const { bavail, bsize } = statfsSync(dataDir);
    if (bavail * bsize < needed)
      throw new RestoreProblem(
        `${dataDir} has room for ${bavail * bsize} bytes, and the backup needs ${needed}.`,
      );
  });
  const database = join(staging, DATABASE_NAME);
  const { applied } = await prepareStore(database, `Reprise ${manifest.product}`);
  await noteRestore(database, manifest, nowMs);
  await prepareStore(database, `Reprise ${manifest.product}`);
  return { manifest, applied };
}

async function noteRestore(file: string, manifest: Manifest, nowMs: number): Promise<void> {
  const store = openPeopleStore({ file, clock: () => nowMs });
  const after = JSON.stringify({ product: manifest.product, schema: manifest.schema });
  try {
    await store.as({ actor: null, address: null }).note(INSTALLATION, {
      ...{ action: "store.restore", targetKind: "backup" },
      ...{ targetId: new Date(manifest.createdMs).toISOString(), before: null, after },
    });
  } finally {
    await store.close();
  }
}

/**
 * The steps that put a staged store in place, in order; a process may end between any two of them. The old database leaves
 * first and the new one comes last, so that no database ever stands beside another one's secret or log.
 */
export function placement(dataDir: string, aside: string | null): (() => void)[] {
  const move = (from: string, to: string) => () => {
    if (existsSync(from)) renameSync(from, to);
  };
  const staged = (name: string): string => join(dataDir, STAGING, name);
  const steps: (() => void)[] = [];
  if (aside !== null) {
    steps.push(() => mkdirSync(join(dataDir, aside), { mode: 0o700 }));
    for (const name of STORE_FILES) steps.push(move(join(dataDir, name), join(dataDir, aside, name)));
    steps.push(() => syncFolder(join(dataDir, aside)));
  }
  for (const name of ["secret", DATABASE_NAME]) {
    steps.push(() => chmodSync(staged(name), 0o600));
    steps.push(() => syncFile(staged(name)));
    steps.push(move(staged(name), join(dataDir, name)));
    steps.push(() => syncFolder(dataDir));
  }
  return steps;
}

function syncFile(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const syncFolder = syncFile;

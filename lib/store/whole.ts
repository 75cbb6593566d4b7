import { knownMigrations, migrate } from "./migrate.ts";
import { copySnapshot, damageOf, type FileFacts, factsOf, hold, settle } from "./sqlite/whole-file.ts";

/** The store as one file: copied, checked, brought forward. For backup, restore and erasing, never for rows. */

export type { FileFacts };

/** Copies the store as it is at one moment to a new file, while collector and console go on. */
export function snapshotStore(file: string, to: string): FileFacts {
  copySnapshot(file, to);
  return factsOf(to);
}

/** A store that cannot be taken: the sentence says why. */
export class UnfitStore extends Error {}

/**
 * Checks a file that is to become the store, and brings it to this release's schema. Throws UnfitStore for one that is
 * damaged, none of Reprise's, or of a newer schema (`made` says by which release).
 */
export async function prepareStore(file: string, made: string): Promise<{ applied: readonly string[] }> {
  const { migrations } = soundFactsOf(file);
  const known = new Set(knownMigrations());
  const foreign = migrations.filter((name) => !known.has(name));
  if (foreign.length > 0)
    throw new UnfitStore(
      `The backup was made by ${made} with the newer schema ${foreign.at(-1)}, which this release does not know: install that release or a newer one.`,
    );
  const pending = migrations.length < known.size;
  const { applied } = pending ? await migrate(file) : { applied: [] };
  settle(file);
  return { applied };
}

function soundFactsOf(file: string): FileFacts {
  let facts: FileFacts;
  try {
    const damage = damageOf(file);
    if (damage.length > 0) throw new UnfitStore(`The database in the backup is damaged: ${damage[0]}`);
    facts = factsOf(file);
  } catch (error) {
    if (error instanceof UnfitStore) throw error;
    throw new UnfitStore(`The database in the backup cannot be read: ${(error as Error).message}`);
  }
  if (facts.migrations.length === 0)
    throw new UnfitStore("The database in the backup is not one of Reprise's.");
  return facts;
}

/** Keeps everybody out of a store until the answered function is called; null while somebody has it open. */
export const holdStore = (file: string): (() => void) | null => hold(file);

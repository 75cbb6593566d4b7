import { migrate } from "./migrate.ts";
import { type OpenOptions, optionsOf } from "./open.ts";
import type { WriteStore } from "./port.ts";
import { openConnection } from "./sqlite/client.ts";
import { SqliteStore } from "./sqlite/store.ts";

/** Opens the store for the one bulk writer: creates and migrates the file first. */
export async function openWriteStore(options: OpenOptions): Promise<WriteStore> {
  await migrate(options.file);
  return new SqliteStore(openConnection(options.file, false), optionsOf(options)).load();
}

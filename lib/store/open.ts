import { systemClock } from "../runtime/clock.ts";
import { SETTINGS } from "../runtime/settings.ts";
import { migrate } from "./migrate.ts";
import type { PeopleStore, ReadStore, WriteStore } from "./port.ts";
import { openClient } from "./sqlite/client.ts";
import { type SqliteOptions, SqliteStore } from "./sqlite/store.ts";

/** The database file of a data folder. */
export const DATABASE_NAME = "reprise.db";

type OpenOptions = { readonly file: string } & Partial<SqliteOptions>;

function optionsOf(given: OpenOptions): SqliteOptions {
  return {
    clock: given.clock ?? systemClock,
    tenSecondsMs: given.tenSecondsMs ?? Number(SETTINGS.retainTenSecondsMs.fallback),
    minutesMs: given.minutesMs ?? Number(SETTINGS.retainMinutesMs.fallback),
  };
}

/** Opens the store for the one bulk writer: creates and migrates the file first. */
export async function openWriteStore(options: OpenOptions): Promise<WriteStore> {
  await migrate(options.file);
  return new SqliteStore(openClient(options.file, false), optionsOf(options)).load();
}

/** Opens the store for reading only; the file is opened with the first query and has to exist by then. */
export function openReadStore(options: OpenOptions): ReadStore {
  return new SqliteStore(openClient(options.file, true), optionsOf(options));
}

/** Opens the store for what people record: small writes beside the collector's. */
export function openPeopleStore(options: OpenOptions): PeopleStore {
  return new SqliteStore(openClient(options.file, false), optionsOf(options));
}

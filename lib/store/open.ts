import { join, resolve } from "node:path";
import { systemClock } from "../runtime/clock.ts";
import { SETTINGS, type Settings, SettingsError } from "../runtime/settings.ts";
import { addressOf } from "./clickhouse/address.ts";
import { ClickhouseSums } from "./clickhouse/sums.ts";
import type { PeopleStore, ReadStore } from "./port.ts";
import { openConnection } from "./sqlite/client.ts";
import { type SqliteOptions, SqliteStore } from "./sqlite/store.ts";

/** The database file of a data folder. */
export const DATABASE_NAME = "reprise.db";

export type OpenOptions = {
  readonly file: string;
  /** Of the engine that keeps minutes and hours (REPRISE_STORE_URL); "": the file itself. */
  readonly storeUrl?: string;
} & Partial<Omit<SqliteOptions, "far">>;
/** The same without a clock, as it can be sent to a thread. */
export type Opening = Required<Omit<OpenOptions, "clock">>;

/** Where a process with these settings has its store. Throws SettingsError where the store's URL cannot be read. */
export function openingOf({ dataDir, storeUrl, retainTenSecondsMs, retainMinutesMs }: Settings): Opening {
  try {
    if (storeUrl) addressOf(storeUrl);
  } catch (error) {
    throw new SettingsError(`REPRISE_STORE_URL: ${(error as Error).message}`);
  }
  const file = join(resolve(dataDir), DATABASE_NAME);
  return { file, storeUrl, tenSecondsMs: retainTenSecondsMs, minutesMs: retainMinutesMs };
}

/** What was given, with the settings' defaults for the rest. */
export function optionsOf(given: OpenOptions): SqliteOptions {
  return {
    clock: given.clock ?? systemClock,
    tenSecondsMs: given.tenSecondsMs ?? Number(SETTINGS.retainTenSecondsMs.fallback),
    minutesMs: given.minutesMs ?? Number(SETTINGS.retainMinutesMs.fallback),
    far: given.storeUrl ? new ClickhouseSums(given.storeUrl) : null,
  };
}

/** Opens the store for reading only; the file is opened with the first query and has to exist by then. */
export function openReadStore(options: OpenOptions): ReadStore {
  return new SqliteStore(openConnection(options.file, true), optionsOf(options));
}

/** Opens the store for what people record: small writes beside the collector's. */
export function openPeopleStore(options: OpenOptions): PeopleStore {
  return new SqliteStore(openConnection(options.file, false), optionsOf(options));
}

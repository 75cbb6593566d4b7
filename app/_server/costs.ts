import { statSync } from "node:fs";
import { type CostTable, DEFAULT_COSTS } from "@/lib/domain/cost.ts";
import { loadCosts } from "@/lib/runtime/costs.ts";
import { makeLogger } from "@/lib/runtime/log.ts";
import { readSettings, SettingsError } from "@/lib/runtime/settings.ts";

type Loaded = { readonly changedMs: number; readonly table: CostTable };

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { repriseCosts?: Loaded };

/** The cost table, read again when its file changes. A file that cannot be used is logged, and the last good table stays. */
export function costs(): CostTable {
  const settings = readSettings(process.env);
  const changedMs = statSync(settings.configFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (holder.repriseCosts?.changedMs === changedMs) return holder.repriseCosts.table;
  const table = load(settings.configFile, settings.logLevel) ?? holder.repriseCosts?.table ?? DEFAULT_COSTS;
  holder.repriseCosts = { changedMs, table };
  return table;
}

function load(path: string, logLevel: string): CostTable | null {
  try {
    return loadCosts(path);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    makeLogger(logLevel).error(`The cost table stays as it was: ${error.message}`);
    return null;
  }
}

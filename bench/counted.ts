import { join } from "node:path";
import { DATABASE_NAME, openReadStore } from "../lib/store/open.ts";
import { DEFAULT_TENANT } from "../lib/store/port.ts";

/** Handshakes of the last hour that a data folder counts. */
export async function counted(dataDir: string): Promise<number> {
  const store = openReadStore({ file: join(dataDir, DATABASE_NAME) });
  const nowMs = Date.now();
  const { rows } = await store.readRollups(DEFAULT_TENANT, {
    fromMs: nowMs - 3_600_000,
    toMs: nowMs + 600_000,
    stepMs: 10_000,
  });
  await store.close();
  return rows.reduce((sum, row) => sum + row.count, 0);
}

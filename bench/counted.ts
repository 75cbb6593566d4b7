import { join } from "node:path";
import { openReadStore } from "../lib/store/open.ts";

/** Handshakes of the last hour that a data folder counts. */
export async function counted(dataDir: string): Promise<number> {
  const store = openReadStore({ file: join(dataDir, "reprise.db") });
  const nowMs = Date.now();
  const { rows } = await store.readRollups(1, {
    fromMs: nowMs - 3_600_000,
    toMs: nowMs + 60_000,
    stepMs: 10_000,
  });
  await store.close();
  return rows.reduce((sum, row) => sum + row.count, 0);
}

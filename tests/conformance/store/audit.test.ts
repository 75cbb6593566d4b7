import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe } from "vitest";
import { openWriteStore } from "../../../lib/store/open-writer.ts";
import type { WriteStore } from "../../../lib/store/port.ts";
import { auditConformance } from "./audit.ts";

describe("SQLite through Prisma", () => {
  let folder = "";
  let store: WriteStore;
  const open = (): Promise<WriteStore> =>
    openWriteStore({ file: join(folder, "reprise.db"), clock: () => Date.UTC(2026, 10, 24, 12, 35) });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "reprise-audit-"));
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  auditConformance(() => ({
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
  }));
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openReadStore } from "../../../lib/store/open.ts";
import { openWriteStore } from "../../../lib/store/open-writer.ts";
import { storeConformance } from "./suite.ts";

describe("SQLite through Prisma", () => {
  storeConformance(async () => {
    const folder = await mkdtemp(join(tmpdir(), "reprise-store-"));
    const file = join(folder, "reprise.db");
    return {
      name: "sqlite",
      open: (clock) => openWriteStore({ file, clock }),
      openReader: async (clock) => openReadStore({ file, clock }),
      destroy: () => rm(folder, { recursive: true }),
    };
  });
});

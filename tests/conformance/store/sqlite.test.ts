import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openReadStore } from "../../../lib/store/open.ts";
import { openWriteStore } from "../../../lib/store/open-writer.ts";
import { keysConformance } from "./keys.ts";
import { marginalsConformance } from "./marginals.ts";
import { probesConformance } from "./probes.ts";
import { retentionConformance } from "./retention.ts";
import { storeConformance } from "./suite.ts";

describe("SQLite through Prisma", () => {
  const make = async () => {
    const folder = await mkdtemp(join(tmpdir(), "reprise-store-"));
    const file = join(folder, "reprise.db");
    return {
      name: "sqlite",
      open: (clock: () => number) => openWriteStore({ file, clock }),
      openReader: async (clock: () => number) => openReadStore({ file, clock }),
      destroy: () => rm(folder, { recursive: true }),
    };
  };
  storeConformance(make);
  keysConformance(make);
  probesConformance(make);
  marginalsConformance(make);
  retentionConformance(make);
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { openReadStore } from "../../../lib/store/open.ts";
import { openWriteStore } from "../../../lib/store/open-writer.ts";
import { type ClickhouseServer, startClickhouse } from "../../support/clickhouse.ts";
import { marginalsConformance } from "./marginals.ts";
import { retentionConformance } from "./retention.ts";
import { storeConformance } from "./suite.ts";

describe("sums in ClickHouse", () => {
  let server: ClickhouseServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startClickhouse();
  });
  afterAll(() => server.destroy());
  const make = async () => {
    const folder = await mkdtemp(join(tmpdir(), "reprise-store-"));
    databases += 1;
    const name = `reprise_${databases}`;
    const at = { file: join(folder, "reprise.db"), storeUrl: server.url(name) };
    return {
      name: "clickhouse",
      open: (clock: () => number) => openWriteStore({ ...at, clock }),
      openReader: async (clock: () => number) => openReadStore({ ...at, clock }),
      destroy: async () => {
        await server.ask(`DROP DATABASE ${name}`);
        await rm(folder, { recursive: true });
      },
    };
  };
  storeConformance(make);
  marginalsConformance(make);
  retentionConformance(make);
});

/** A database that an earlier build wrote, whose ten seconds were rows: what it held is there after the first start of this one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Histogram } from "../../lib/stats/histogram.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../lib/store/port.ts";
import { openClient } from "../../lib/store/sqlite/client.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 24, 12, 30);
const WATERMARK = NOW - 5 * MINUTE;
let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-former-"));
  file = join(folder, "reprise.db");
});
afterEach(() => rm(folder, { recursive: true }));

const open = (): Promise<WriteStore> => openWriteStore({ file, clock: () => NOW });
const times = new Histogram();
times.add(1_500, 2);

/** Rows as they were: before the watermark also in minutes, by segment, endpoint and in total; after it of ten seconds alone. */
async function writeFormer(): Promise<void> {
  const store = await open();
  const where = {
    endpoint: "shop",
    node: "n1",
    region: "eu",
    family: "chrome",
    protocol: "TLSv1.3",
  } as const;
  const segment = store.internSegment(1, where, { source: "native", system: null, vantage: "log" });
  const unknown = { offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null };
  const result = store.internResult({ ...unknown, outcome: "full" });
  await store.commit(1, EMPTY_COMMIT, NOW);
  await store.close();
  const client = openClient(file, false);
  const row = (tier: number, endpoint: number, atMs: number, of: number) =>
    client.$executeRawUnsafe(
      `INSERT INTO "Rollup" ("tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId", "count",
         "handshakeUs") VALUES (?, 1, ?, ?, ?, ?, 2, ?)`,
      ...[tier, endpoint, BigInt(atMs), of, result, Buffer.from(times.encode())],
    );
  for (let ago = 20; ago > 0; ago -= 1) {
    const atMs = NOW - ago * MINUTE;
    await row(1, 1, atMs, segment);
    if (atMs >= WATERMARK) continue;
    for (const [tier, endpoint, of] of [
      [2, 1, segment],
      [3, 1, 0],
      [4, 0, 0],
    ] as const)
      await row(tier, endpoint, atMs, of);
  }
  await client.$executeRawUnsafe(`DELETE FROM "Meta" WHERE "name" = 'marginalsFromMs'`);
  await client.$executeRawUnsafe(
    `INSERT INTO "Meta" ("name", "value") VALUES ('compactedUntilMs', ?)`,
    BigInt(WATERMARK),
  );
  await client.$disconnect();
}

it("counts every handshake once, in every grain, before and after it is summed", async () => {
  await writeFormer();
  for (const _ of ["first", "second"]) {
    const store = await open();
    const window = { fromMs: NOW - 60 * MINUTE, toMs: NOW + MINUTE };
    for (const stepMs of [10_000, MINUTE, 60 * MINUTE])
      for (const by of [[], ["endpoint"], ["node"], ["node", "region"]] as const) {
        // Hours were never written here.
        if (stepMs === 60 * MINUTE) continue;
        const { rows } = await store.readRollups(1, { ...window, stepMs, by, histograms: ["handshakeUs"] });
        const counts = rows.reduce((sum, { count }) => sum + count, 0);
        const timed = rows.reduce((sum, { handshakeUs }) => sum + (handshakeUs?.count ?? 0), 0);
        expect([stepMs, by, counts, timed]).toEqual([stepMs, by, 40, 40]);
      }
    await store.compact(NOW + 5 * MINUTE);
    await store.close();
  }
});

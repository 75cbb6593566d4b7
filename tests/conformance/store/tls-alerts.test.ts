import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWriteStore } from "../../../lib/store/open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../../lib/store/port.ts";
import type { TlsAlertCount } from "../../../lib/store/port-tls-alerts.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 12);

describe("SQLite through Prisma: TLS alerts", () => {
  let folder = "";
  let store: WriteStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "reprise-tls-alerts-"));
    store = await openWriteStore({ file: join(folder, "reprise.db"), clock: () => START + MINUTE });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const count = (
    minute: number,
    alert: string,
    n: number,
    endpoint: string | null = "shop.example",
  ): TlsAlertCount => ({
    ...{ bucketStartMs: START + minute * MINUTE, endpoint, vantage: "log", alert, count: n },
  });
  const commit = (tlsAlerts: TlsAlertCount[], tenant = 1) =>
    store.commit(tenant, { ...EMPTY_COMMIT, tlsAlerts }, START);
  const read = (part: object = {}) =>
    store.tlsAlerts.readTlsAlerts(1, { fromMs: START, toMs: START + 10 * MINUTE, stepMs: MINUTE, ...part });

  it("add up by step and alert, of some endpoints or all, of one tenant", async () => {
    await commit([count(0, "bad_certificate", 3), count(1, "bad_certificate", 1, null)]);
    await commit([count(0, "bad_certificate", 2), count(1, "handshake_failure", 7)]);
    await commit([count(0, "bad_certificate", 100)], 2);
    expect(await read()).toEqual([
      { bucketStartMs: START, vantage: "log", alert: "bad_certificate", count: 5 },
      { bucketStartMs: START + MINUTE, vantage: "log", alert: "bad_certificate", count: 1 },
      { bucketStartMs: START + MINUTE, vantage: "log", alert: "handshake_failure", count: 7 },
    ]);
    expect(await read({ stepMs: 5 * MINUTE })).toEqual([
      { bucketStartMs: START, vantage: "log", alert: "bad_certificate", count: 6 },
      { bucketStartMs: START, vantage: "log", alert: "handshake_failure", count: 7 },
    ]);
    expect(await read({ endpoints: [null] })).toEqual([
      { bucketStartMs: START + MINUTE, vantage: "log", alert: "bad_certificate", count: 1 },
    ]);
    expect(await read({ toMs: START + MINUTE })).toHaveLength(1);
    await commit([{ ...count(0, "bad_certificate", 9), vantage: "counters" }]);
    expect(await read({ toMs: START + MINUTE })).toHaveLength(2);
  });

  it("are kept as long as minutes are", async () => {
    await commit([count(0, "bad_certificate", 3)]);
    const day = 86_400_000;
    const keep = { tenSecondsMs: day, minutesMs: 2 * day, hoursMs: 9 * day, samplesMs: day, batchesMs: day };
    expect((await store.retain(START + day, keep)).deleted.tls_alert).toBe(0);
    expect((await store.retain(START + 3 * day, keep)).deleted.tls_alert).toBe(1);
  });
});

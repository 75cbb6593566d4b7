import { afterEach, beforeEach, expect, it } from "vitest";
import { seriesParams, summaryParams } from "../../lib/contract/read.ts";
import { readSeries } from "../../lib/read/series.ts";
import { readSummary } from "../../lib/read/summary.ts";
import { parseCosts } from "../../lib/runtime/costs.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const T = NOW - 600_000;
const COSTS = parseCosts(
  `costs:
  endpoints: { shop: rsa_2048, old: rsa_4096 }
  cpuUs: { rsa_4096: { TLSv1.2: { full: 4200, resumed: 200 }, TLSv1.3: { full: 4300, resumed: 300 } } }`,
  "reprise.yaml",
);
/** 6,000 psk at shop (RSA-2048), 3,000 tickets at old (RSA-4096), 1,000 psk at new (ECDSA by default). */
const SAVED_US = 6_000 * (880 - 387) + 3_000 * 4_000 + 1_000 * (680 - 427);

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
  await fleet.tell([
    { atMs: T, outcome: "resumed", mechanism: "psk", endpoint: "shop", count: 6_000 },
    { atMs: T, outcome: "resumed", mechanism: "ticket", protocol: "TLSv1.2", endpoint: "old", count: 3_000 },
    { atMs: T, outcome: "resumed", mechanism: "psk", endpoint: "new", count: 1_000 },
    { atMs: T, outcome: "full", endpoint: "new", count: 5_000 },
  ]);
});
afterEach(() => fleet.destroy());

it("saves CPU by each endpoint's certificate, the same in series and tiles", async () => {
  const read = async (query: Record<string, string>) => {
    const params = seriesParams.parse({ metric: "cpu_saved", from: "now-1h", step: "1m", ...query });
    return readSeries(fleet.reader, 1, { params, nowMs: NOW, costs: COSTS });
  };
  const cores = SAVED_US / 1_000 / 3_600_000;
  expect((await read({})).series[0]?.total.value).toBeCloseTo(cores, 9);
  const byEndpoint = (await read({ by: "endpoint" })).series;
  expect(Object.fromEntries(byEndpoint.map((s) => [s.key.endpoint, s.total.count]))).toEqual({
    shop: 6_000,
    old: 3_000,
    new: 6_000,
  });
  const params = summaryParams.parse({ from: "now-1h" });
  const summary = await readSummary(fleet.reader, 1, { params, nowMs: NOW, costs: COSTS });
  expect(summary.tiles.find(({ id }) => id === "cpu_saved")?.value).toBeCloseTo(cores, 9);
});

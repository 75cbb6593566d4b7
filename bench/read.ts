/** Latency of the Overview's reads over days of hourly rollups of many segments. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSeries } from "../lib/read/series.ts";
import { readSummary } from "../lib/read/summary.ts";
import { Histogram } from "../lib/stats/histogram.ts";
import { openReadStore } from "../lib/store/open.ts";
import { openWriteStore } from "../lib/store/open-writer.ts";
import { type Cell, EMPTY_COMMIT } from "../lib/store/port.ts";
import { seeded } from "./generate.ts";

const HOUR_MS = 3_600_000;
const SUM_EVERY_HOURS = 48;
type At = { readonly file: string; readonly storeUrl: string };
export type ReadRow = { readonly name: string; readonly coldMs: number; readonly warmMs: number };

/** Hourly rollups of so many days up to fifteen days ago, two results a segment. */
export async function fillStore(
  at: At,
  { days, segmentCount }: { days: number; segmentCount: number },
): Promise<void> {
  const store = await openWriteStore(at);
  const random = seeded(3);
  const common = { offer: null, reason: null, earlyData: null, earlyDataReason: null };
  const results = [
    store.internResult({ ...common, outcome: "full", mechanism: null }),
    store.internResult({ ...common, outcome: "resumed", mechanism: "psk" }),
  ];
  const segments = Array.from({ length: segmentCount }, (_, i) =>
    store.internSegment(
      1,
      {
        endpoint: `ep-${Math.floor(i / 10)}`,
        node: `n-${i % 5}`,
        region: `r-${i % 5}`,
        family: i % 10 < 5 ? "chrome" : "ios",
        protocol: "TLSv1.3",
      },
      { source: "native", system: null, vantage: "log" },
    ),
  );
  const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 15 * 24 * HOUR_MS;
  for (let hour = days * 24; hour > 0; hour -= 1) {
    const cells = segments.flatMap((segmentId) =>
      results.map((resultId): Cell => {
        const histogram = new Histogram();
        for (let n = 0; n < 4; n += 1) histogram.add(Math.round(Math.exp(6 + random() * 3)), 5);
        return {
          bucketStartMs: end - hour * HOUR_MS,
          segmentId,
          resultId,
          count: 20,
          handshakeUs: histogram.encode(),
          ttfbUs: null,
          ticketAgeS: null,
        };
      }),
    );
    await store.commit(1, { ...EMPTY_COMMIT, cells }, Date.now());
    if (hour % SUM_EVERY_HOURS === 1) await store.compact(Date.now());
  }
  await store.close();
}

/** Each read once cold (a new opening) and then warm (median of 5). */
export async function benchReads({
  days = 90,
  segmentCount = 500,
  storeUrl = "",
}: {
  readonly days?: number;
  readonly segmentCount?: number;
  /** Of ClickHouse, with a database that is not there yet; "": the file. */
  readonly storeUrl?: string;
}): Promise<ReadRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-read-"));
  const at = { file: join(folder, "reprise.db"), storeUrl };
  await fillStore(at, { days, segmentCount });
  const window = { from: `now-${days + 15}d`, to: "now-15d" };
  const nowMs = Date.now();
  const reads = {
    summary: {
      run: (store: ReturnType<typeof openReadStore>) => readSummary(store, 1, { params: window, nowMs }),
    },
    "resume rate by mechanism": {
      run: (store: ReturnType<typeof openReadStore>) =>
        readSeries(store, 1, { params: { ...window, metric: "resume_rate", by: "mechanism" }, nowMs }),
    },
    "latency p50, p95": {
      run: (store: ReturnType<typeof openReadStore>) =>
        readSeries(store, 1, { params: { ...window, metric: "handshake_us", q: "0.5,0.95" }, nowMs }),
    },
    "one endpoint by node": {
      run: (store: ReturnType<typeof openReadStore>) =>
        readSeries(store, 1, {
          params: { ...window, metric: "resume_rate", by: "node", endpoint: "ep-3" },
          nowMs,
        }),
    },
    "resume rate by node, all endpoints": {
      run: (store: ReturnType<typeof openReadStore>) =>
        readSeries(store, 1, { params: { ...window, metric: "resume_rate", by: "node" }, nowMs }),
    },
  };
  const rows: ReadRow[] = [];
  for (const [name, { run }] of Object.entries(reads)) {
    const store = openReadStore(at);
    const times: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const start = performance.now();
      await run(store);
      times.push(performance.now() - start);
    }
    await store.close();
    const [coldMs = 0, ...warm] = times;
    rows.push({ name, coldMs, warmMs: warm.sort((a, b) => a - b)[2] ?? 0 });
  }
  rmSync(folder, { recursive: true });
  return rows;
}

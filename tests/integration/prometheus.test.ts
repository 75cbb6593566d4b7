import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";

/** A target as Envoy's admin page shows its listeners; null while it is down. */
let counters: { handshake: number; session_reused: number } | null;
let refusals = 0;
let target: Server;
let collector: TestCollector;
let folder: string;
let prometheus: Running | null = null;

beforeEach(async () => {
  counters = { handshake: 1_000, session_reused: 600 };
  target = createServer((_request, response) => {
    if (!counters) refusals += 1;
    response.writeHead(counters ? 200 : 503, { "content-type": "text/plain; version=0.0.4" });
    const lines = Object.entries(counters ?? {}).map(
      ([name, value]) => `envoy_listener_ssl_${name}{envoy_listener_address="0.0.0.0_8443"} ${value}`,
    );
    response.end(`${lines.join("\n")}\n`);
  });
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", () => resolve()));
  collector = await startCollector();
  folder = await mkdtemp(join(tmpdir(), "reprise-prometheus-"));
});
afterEach(async () => {
  await prometheus?.stop();
  prometheus = null;
  await collector.destroy();
  target.closeAllConnections();
  await new Promise((resolve) => target.close(resolve));
  await rm(folder, { recursive: true });
});

/** Every sample in a request of its own, by four queues at once: as badly cut as a scrape can be. */
async function startPrometheus(): Promise<void> {
  const address = target.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const config = {
    global: { scrape_interval: "1s" },
    scrape_configs: [{ job_name: "envoy", static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
    remote_write: [
      {
        url: `${collector.url}/api/v1/write?node=edge-1`,
        queue_config: {
          max_samples_per_send: 1,
          capacity: 10,
          min_shards: 4,
          max_shards: 4,
          batch_send_deadline: "100ms",
        },
      },
    ],
  };
  // JSON is YAML.
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
  const web = await freePort();
  prometheus = await startProgram(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${web}`,
    ],
    { port: web },
  );
}

const knows = (handshake: number, reused: number) =>
  until(async () => {
    const [state] = await collector.store.readCounters(1);
    return state?.totals.handshake === handshake && state.totals.session_reused === reused;
  }, 30_000);

it.skipIf(!hasProgram("prometheus"))(
  "a real Prometheus sends counters that are counted exactly, whatever it cuts, over a restart and a gap",
  async () => {
    await startPrometheus();
    await knows(1_000, 600);
    expect(await totalsOf(collector)).toEqual({});
    counters = { handshake: 1_050, session_reused: 630 };
    await knows(1_050, 630);
    expect(await totalsOf(collector)).toEqual({ full: 20, resumed: 30 });
    // Down: Prometheus tells of the gap with staleness markers. Then it is back, begun again.
    counters = null;
    const before = refusals;
    await until(async () => refusals >= before + 2);
    counters = { handshake: 7, session_reused: 3 };
    await knows(7, 3);
    expect(await totalsOf(collector)).toEqual({ full: 24, resumed: 33 });
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "envoy-stats", transport: "remote_write", rejected: 0, breaches: [] },
    ]);
    const nowMs = Date.now();
    expect(
      await collector.store.readSegments(1, { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000, limit: 5 }),
    ).toMatchObject([{ endpoint: "0.0.0.0_8443", node: "edge-1", handshakes: 57 }]);
  },
);

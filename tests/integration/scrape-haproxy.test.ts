import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";
import { ScrapeLab } from "../support/scrape-lab.ts";
import { type Made, makeConnections } from "../support/tls-clients.ts";

let lab: ScrapeLab;
let ports: { tls: number; pages: number };
beforeEach(async () => {
  lab = await ScrapeLab.make();
  ports = { tls: await freePort(), pages: await freePort() };
});
afterEach(() => lab.destroy());

const socketPath = (): string => join(lab.folder, "stats.sock");

async function startHaproxy(): Promise<Running> {
  const file = await lab.write(
    "haproxy.cfg",
    `global
  stats socket ${socketPath()} mode 600 level user
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${ports.tls} ssl crt ${lab.folder}/bundle.pem ssl-min-ver TLSv1.2
  http-request return status 200 content-type text/plain string "ok\\n"
frontend statistics
  bind 127.0.0.1:${ports.pages}
  stats enable
  stats uri /stats
  http-request use-service prometheus-exporter if { path /metrics }
`,
  );
  return lab.add(await startProgram("haproxy", ["-W", "-db", "-f", file], { port: ports.tls }));
}

/** Asks the stats socket, as an operator would. */
function ask(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(socketPath(), () => socket.write(`${command}\n`));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

const workerPid = async (): Promise<string> => /^Pid: (\d+)$/m.exec(await ask("show info"))?.[1] ?? "";

/** Reloads, and waits until the new worker answers and the old one is gone. */
async function reload(haproxy: Running): Promise<void> {
  const old = await workerPid();
  haproxy.child.kill("SIGUSR2");
  await until(async () => ((await workerPid().catch(() => "")) || old) !== old);
  await until(async () => !isAlive(Number(old)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** TLS 1.3 by PSK and TLS 1.2 by session id, with a known share of new sessions. */
async function visit(): Promise<Made> {
  const plan = { port: ports.tls, connections: 12, freshEvery: 4, requests: 2 };
  const psk = await makeConnections({ ...plan, protocol: "TLSv1.3", tickets: true });
  const id = await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: false });
  return { full: psk.full + id.full, resumed: psk.resumed + id.resumed };
}

const add = (a: Made, b: Made): Made => ({ full: a.full + b.full, resumed: a.resumed + b.resumed });

/** A probe of whether HAProxy takes connections is a failed handshake: it is left out. */
async function expectCounted(made: Made): Promise<void> {
  await until(async () => {
    const { full, resumed } = await lab.counted("shop.example");
    return full + resumed >= made.full + made.resumed;
  });
  await lab.nextReading();
  const { full, resumed } = await lab.counted("shop.example");
  expect({ full, resumed }).toEqual(made);
}

describe.skipIf(!hasProgram("haproxy"))("a real HAProxy, scraped", () => {
  it("over its stats socket: what clients saw, through a reload and a restart of the collector between two scrapes", async () => {
    const haproxy = await startHaproxy();
    await lab.collect([
      {
        source: "haproxy-stats",
        url: `unix:${socketPath()}`,
        every: "1s",
        endpoint: "shop.example",
        node: "edge-1",
      },
    ]);
    await lab.firstReading();
    let made = await visit();
    expect(made.resumed).toBeGreaterThan(10);
    await expectCounted(made);

    await reload(haproxy);
    made = add(made, await visit());
    await expectCounted(made);

    await lab.stopCollector();
    made = add(made, await visit());
    await lab.collect();
    await expectCounted(made);

    await lab.stopCollector();
    await reload(haproxy);
    made = add(made, await visit());
    await lab.collect();
    await expectCounted(made);

    const sources = await lab.collector.store.readSources(1);
    expect(sources).toMatchObject([
      { source: "haproxy-stats", transport: "scrape", sender: `unix:${socketPath()}`, breaches: [] },
    ]);
    expect(await lab.collector.store.readCoverage(1)).toMatchObject([
      { node: "edge-1", system: "haproxy", vantage: "counters" },
    ]);
    const window = { fromMs: Date.now() - 600_000, toMs: Date.now() + 60_000, limit: 10 };
    const changes = await lab.collector.store.readChanges(1, window);
    expect(changes.map(({ kind, node, via }) => [kind, node, via])).toEqual([
      ["reload", "edge-1", "haproxy-stats"],
      ["reload", "edge-1", "haproxy-stats"],
    ]);
    const caches = await lab.caches();
    expect(caches.some(({ cache, hits }) => cache === "haproxy" && hits !== null && hits > 0)).toBe(true);
  });

  it.each([
    ["CSV page", "/stats;csv"],
    ["JSON page", "/stats;json"],
  ])("over its %s, by frontend where no endpoint is given", async (_title, path) => {
    const haproxy = await startHaproxy();
    const url = `http://127.0.0.1:${ports.pages}${path}`;
    await lab.collect([{ source: "haproxy-stats", url, every: "1s", node: "edge-1" }]);
    await lab.firstReading();
    let made = await visit();
    await lab.waitFor("web", made.full + made.resumed);
    await reload(haproxy);
    // Fewer of each than before the reload, so that the fall shows without the time of the start.
    const port = ports.tls;
    const fewer = {
      port,
      connections: 3,
      freshEvery: 3,
      requests: 1,
      protocol: "TLSv1.3",
      tickets: true,
    } as const;
    made = add(made, await makeConnections(fewer));
    await lab.waitFor("web", made.full + made.resumed);
    const { full, resumed } = await lab.counted("web");
    expect({ full, resumed }).toEqual(made);
  });

  it("counts everything once, though the collector is killed again and again while clients come", async () => {
    await startHaproxy();
    const [dataDir, collectorPort] = [join(lab.folder, "data"), await freePort()];
    const targets = [
      { source: "haproxy-stats", url: `unix:${socketPath()}`, every: "1s", endpoint: "shop.example" },
    ];
    const env = {
      ...process.env,
      REPRISE_CONFIG: await lab.write("reprise.yaml", JSON.stringify({ scrape: targets })),
      REPRISE_DATA_DIR: dataDir,
      REPRISE_COLLECTOR_PORT: String(collectorPort),
      REPRISE_SYSLOG_PORT: "0",
      REPRISE_LOG_LEVEL: "silent",
    };
    const start = () =>
      startProgram(process.execPath, ["bin/reprise.mjs", "collector"], { port: collectorPort, env });
    // The first reading of all is what the rest is compared with.
    const first = await start();
    const reader = openReadStore({ file: join(dataDir, DATABASE_NAME) });
    await until(async () => (await reader.readSources(1)).length > 0);
    await reader.close();
    await first.stop("SIGKILL");
    let made: Made = { full: 0, resumed: 0 };
    for (let round = 0; round < 4; round += 1) {
      const [collector, some] = await Promise.all([start(), visit()]);
      made = add(made, some);
      made = add(made, await visit());
      await collector.stop("SIGKILL");
    }
    await lab.collect();
    await expectCounted(made);
  });

  it("over Prometheus text of 2.6: its session cache, and no outcome", async () => {
    await startHaproxy();
    const url = `http://127.0.0.1:${ports.pages}/metrics`;
    await lab.collect([{ source: "haproxy-stats", url, every: "1s", node: "edge-1" }]);
    await lab.firstReading();
    await visit();
    // Two of three session id visits of each four offer one that is known.
    await until(async () => (await lab.caches()).some(({ hits }) => hits === 9));
    expect(
      await lab.collector.store.readSegments(1, { fromMs: 0, toMs: Date.now() + 60_000, limit: 5 }),
    ).toEqual([]);
  });
});

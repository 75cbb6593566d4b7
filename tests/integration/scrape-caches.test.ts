import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSeries } from "../../lib/read/series.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, startProgram } from "../support/process.ts";
import { ScrapeLab } from "../support/scrape-lab.ts";
import { type Made, makeConnections } from "../support/tls-clients.ts";

let lab: ScrapeLab;
let port: number;
beforeEach(async () => {
  lab = await ScrapeLab.make();
  port = await freePort();
});
afterEach(() => lab.destroy());

/** Says words to a cache and waits until it closes. */
function say(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket
      .on("data", () => undefined)
      .on("error", reject)
      .on("close", () => resolve());
  });
}

const newest = async () => (await lab.caches()).at(-1) ?? null;

describe("caches that keep sessions for several nodes", () => {
  it.skipIf(!hasProgram("redis-server"))("a real Redis with a password: hits, misses, keys", async () => {
    const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", lab.folder];
    lab.add(await startProgram("redis-server", [...words, "--requirepass", "pass word"], { port }));
    const url = `tcp://default:pass%20word@127.0.0.1:${port}`;
    await lab.collect([{ source: "redis", url, every: "1s", node: "edge-1", endpoint: "shop.example" }]);
    await lab.firstReading();
    await say('AUTH "pass word"\r\nSET a 1\r\nSET b 2\r\nGET a\r\nGET a\r\nGET b\r\nGET c\r\nQUIT\r\n');
    await until(async () => (await newest())?.hits === 3);
    expect(await newest()).toMatchObject({
      cache: `redis 127.0.0.1:${port}`,
      node: "edge-1",
      endpoint: "shop.example",
      misses: 1,
      entries: 2,
      evictions: 0,
      capacity: null,
    });
    const params = { metric: "cache_hit_ratio", from: "now-10m", to: "now", step: "10s" } as const;
    const reply = await readSeries(lab.collector.store, 1, { params, nowMs: Date.now() });
    expect(reply.series[0]?.total).toEqual({ value: 0.75, count: 4 });
    const [source] = await lab.collector.store.readSources(1);
    expect(source).toMatchObject({ sender: `tcp://127.0.0.1:${port}`, rejections: [] });
  });

  it.skipIf(!hasProgram("redis-server"))("a real Redis that refuses is told as it says it", async () => {
    const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", lab.folder];
    lab.add(await startProgram("redis-server", [...words, "--requirepass", "secret"], { port }));
    await lab.collect([{ source: "redis", url: `tcp://127.0.0.1:${port}`, every: "1s" }]);
    await until(async () => (await lab.collector.store.readSources(1)).length > 0);
    expect(await lab.collector.store.readSources(1)).toMatchObject([
      { rejections: [{ reason: "scrape: Redis answers NOAUTH: Authentication required." }] },
    ]);
  });

  it.skipIf(!hasProgram("memcached"))("a real memcached: hits, misses, sets, items", async () => {
    const words = [
      "-l",
      "127.0.0.1",
      "-p",
      String(port),
      "-U",
      "0",
      ...(process.getuid?.() === 0 ? ["-u", "root"] : []),
    ];
    lab.add(await startProgram("memcached", words, { port }));
    await lab.collect([{ source: "memcached", url: `tcp://127.0.0.1:${port}`, every: "1s", node: "edge-1" }]);
    await lab.firstReading();
    await say("set a 0 0 1\r\n1\r\nset b 0 0 1\r\n2\r\nget a\r\nget a\r\nget c\r\nquit\r\n");
    await until(async () => (await newest())?.hits === 2);
    expect(await newest()).toMatchObject({
      cache: `memcached 127.0.0.1:${port}`,
      misses: 1,
      inserts: 2,
      entries: 2,
      evictions: 0,
    });
  });
});

describe.skipIf(!hasProgram("apache2"))("a real Apache's session cache", () => {
  const modules = ["mpm_event", "authz_core", "alias", "socache_shmcb", "ssl", "status"];

  async function startApache(): Promise<{ pages: number; reload(): void }> {
    const pages = await freePort();
    await lab.write("index.html", "ok\n");
    const file = await lab.write(
      "apache.conf",
      `ServerRoot "${lab.folder}"
PidFile ${lab.folder}/apache.pid
DefaultRuntimeDir ${lab.folder}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
ServerName localhost
ErrorLog ${lab.folder}/error.log
Listen 127.0.0.1:${port}
Listen 127.0.0.1:${pages}
SSLSessionCache shmcb:${lab.folder}/ssl_scache(512000)
DocumentRoot ${lab.folder}
<VirtualHost 127.0.0.1:${port}>
  SSLEngine on
  SSLCertificateFile ${lab.folder}/cert.pem
  SSLCertificateKeyFile ${lab.folder}/key.pem
</VirtualHost>
<VirtualHost 127.0.0.1:${pages}>
  <Location "/server-status">
    SetHandler server-status
  </Location>
</VirtualHost>
`,
    );
    const running = lab.add(await startProgram("apache2", ["-f", file, "-D", "FOREGROUND"], { port }));
    return { pages, reload: () => running.child.kill("SIGUSR1") };
  }

  const visit = (connections: number): Promise<Made> =>
    makeConnections({ port, protocol: "TLSv1.2", tickets: false, connections, freshEvery: 4, requests: 1 });

  it("hits as clients resumed by session id, though a graceful reload begins a new cache", async () => {
    const apache = await startApache();
    const url = `http://127.0.0.1:${apache.pages}/server-status?auto`;
    await lab.collect([{ source: "apache-status", url, every: "1s", node: "edge-1" }]);
    await lab.firstReading();
    const before = await visit(8);
    await until(async () => (await newest())?.hits === before.resumed);
    apache.reload();
    await until(async () => (await newest())?.hits === 0);
    // More than before the reload: without its generation this would look like growth.
    const after = await visit(12);
    await until(async () => (await newest())?.hits === after.resumed);
    const params = { metric: "cache_hit_ratio", from: "now-10m", to: "now", step: "10s" } as const;
    const reply = await readSeries(lab.collector.store, 1, { params, nowMs: Date.now() });
    expect(reply.series[0]?.total).toEqual({ value: 1, count: before.resumed + after.resumed });
    const segments = { fromMs: 0, toMs: Date.now() + 60_000, limit: 5 };
    expect(await lab.collector.store.readSegments(1, segments)).toEqual([]);
  });
});

import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSeries } from "../../lib/read/series.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, startProgram } from "../support/process.ts";
import { ScrapeLab } from "../support/scrape-lab.ts";
import { makeConnections } from "../support/tls-clients.ts";

let lab: ScrapeLab;
let ports: { tls: number; pages: number };
const origin = createServer((_request, response) => response.end("ok\n"));
beforeEach(async () => {
  lab = await ScrapeLab.make();
  ports = { tls: await freePort(), pages: await freePort() };
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", () => resolve()));
});
afterEach(async () => {
  await lab.destroy();
  origin.closeAllConnections();
  await new Promise((resolve) => origin.close(resolve));
});

async function startTrafficServer(): Promise<void> {
  const { folder } = lab;
  for (const name of ["etc", "log", "run", "cache"]) await mkdir(join(folder, name));
  const files: Readonly<Record<string, string>> = {
    "runroot.yaml": `prefix: ${folder}
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
sysconfdir: ${folder}/etc
logdir: ${folder}/log
runtimedir: ${folder}/run
localstatedir: ${folder}/run
datadir: ${folder}/cache
cachedir: ${folder}/cache
`,
    "etc/records.config": `CONFIG proxy.config.http.server_ports STRING ${ports.tls}:ssl:ip-in=127.0.0.1 ${ports.pages}:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.crash_log_helper STRING
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.ssl.server.cert.path STRING ${folder}
CONFIG proxy.config.ssl.server.private_key.path STRING ${folder}
CONFIG proxy.config.ssl.session_cache INT 2
CONFIG proxy.config.raw_stat_sync_interval_ms INT 200
`,
    "etc/ssl_multicert.config": "dest_ip=* ssl_cert_name=cert.pem ssl_key_name=key.pem\n",
    "etc/remap.config": `map / http://127.0.0.1:${(origin.address() as AddressInfo).port}/\n`,
    "etc/ip_allow.yaml": "ip_allow:\n  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}\n",
    "etc/sni.yaml": "sni: []\n",
    "etc/logging.yaml": "logging: {}\n",
    "etc/plugin.config": "stats_over_http.so _stats\n",
    "etc/storage.config": "",
  };
  for (const [name, text] of Object.entries(files)) await lab.write(name, text);
  lab.add(await startProgram("traffic_server", [`--run-root=${folder}/runroot.yaml`], { port: ports.tls }));
}

describe.skipIf(!hasProgram("traffic_server"))("a real Traffic Server, scraped over stats_over_http", () => {
  it("full and resumed as clients saw them; session ids are told, tickets and PSKs are not told apart", async () => {
    await startTrafficServer();
    const url = `http://127.0.0.1:${ports.pages}/_stats`;
    await lab.collect([{ source: "ats-stats", url, every: "1s", node: "edge-1", endpoint: "shop.example" }]);
    await lab.firstReading();
    const plan = { port: ports.tls, connections: 20, freshEvery: 5, requests: 2 };
    const psk = await makeConnections({ ...plan, protocol: "TLSv1.3", tickets: true });
    const ticket = await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: true });
    const id = await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: false });
    const full = psk.full + ticket.full + id.full;
    const resumed = psk.resumed + ticket.resumed + id.resumed;
    expect(resumed).toBeGreaterThan(40);
    await until(async () => {
      const counted = await lab.counted("shop.example");
      return counted.full + counted.resumed >= full + resumed;
    });
    await lab.nextReading();
    expect(await lab.counted("shop.example")).toMatchObject({ full, resumed });
    const params = { metric: "resumed", from: "now-10m", to: "now", step: "10s", by: "mechanism" } as const;
    const reply = await readSeries(lab.collector.store, 1, { params, nowMs: Date.now() });
    const byMechanism = Object.fromEntries(reply.series.map((s) => [String(s.key.mechanism), s.total.value]));
    expect(byMechanism).toEqual({ session_id: id.resumed, null: psk.resumed + ticket.resumed });
    expect((await lab.caches()).at(-1)).toMatchObject({ cache: "ats", hits: id.resumed, node: "edge-1" });
  });
});

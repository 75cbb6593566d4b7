import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { ANY_PORT } from "../../collector/main.ts";
import { findSource } from "../../collector/sources/registry.ts";
import { readSeries } from "../../lib/read/series.ts";
import { Authority } from "../support/certificates.ts";
import { startCollector, type TestCollector, until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";
import { type Visited, visit } from "../support/proxy.ts";
import { makeConnections } from "../support/tls-clients.ts";

let collector: TestCollector;
let folder: string;
let running: Running[] = [];
beforeEach(async () => {
  collector = await startCollector();
  folder = await mkdtemp(join(tmpdir(), "reprise-proxy-"));
  const { cert, key } = selfSigned(["shop.example"], Date.now());
  await writeFile(join(folder, "cert.pem"), cert);
  await writeFile(join(folder, "key.pem"), key);
  await writeFile(join(folder, "bundle.pem"), cert + key);
});
afterEach(async () => {
  for (const program of running) await program.stop();
  running = [];
  await collector.destroy();
  await rm(folder, { recursive: true });
});

/** The paste-ready configuration of a source, filled in as the Sources page fills it in. */
function configurationOf(source: string, title: RegExp): string {
  const text =
    findSource(source)?.configurations.find((configuration) => title.test(configuration.title))?.text ?? "";
  return text
    .replaceAll("{{syslog}}", `127.0.0.1:${collector.syslogPort}`)
    .replaceAll("{{collector}}", collector.url);
}

async function series(metric: "full" | "resumed" | "failed", by?: string): Promise<Record<string, number>> {
  const params = {
    metric,
    from: "now-10m",
    to: "now",
    step: "10s",
    endpoint: "shop.example",
    ...(by ? { by } : {}),
  };
  const reply = await readSeries(collector.store, 1, { params, nowMs: Date.now() });
  return Object.fromEntries(reply.series.map((s) => [s.key.mechanism ?? "all", s.total.value ?? 0]));
}

async function expectSeries(made: Visited): Promise<void> {
  await until(
    async () =>
      ((await series("full")).all ?? 0) + ((await series("resumed")).all ?? 0) >= made.full + made.resumed,
  );
  // Nothing more may come: every connection once, however many requests it carried.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await series("full")).toEqual({ all: made.full });
  expect(await series("resumed")).toEqual({ all: made.resumed });
  expect(await series("resumed", "mechanism")).toEqual(made.byMechanism);
}

async function startHaproxy(configured: string, port: number): Promise<void> {
  const origin = await freePort();
  const backend = createServer((_request, response) => response.end("ok\n"));
  await new Promise<void>((resolve) => backend.listen(origin, "127.0.0.1", () => resolve()));
  // HAProxy wants defaults before the sections that use them.
  const configuration = `defaults
  timeout connect 2s
  timeout client 5s
  timeout server 5s
${configured}
  bind 127.0.0.1:${port} ssl crt ${folder}/bundle.pem ssl-min-ver TLSv1.2
  default_backend origin
backend origin
  mode http
  server o 127.0.0.1:${origin}
`;
  await writeFile(join(folder, "haproxy.cfg"), configuration);
  const program = await startProgram("haproxy", ["-db", "-f", join(folder, "haproxy.cfg")], { port });
  const stop: Running["stop"] = async (signal) => {
    backend.close();
    return program.stop(signal);
  };
  running.push({ ...program, stop });
}

async function startNginx(port: number): Promise<void> {
  const configuration = `
daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  ${configurationOf("nginx", /syslog/i)}
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:SSL:2m; ssl_session_timeout 10m;
  server { listen 127.0.0.1:${port} ssl; server_name shop.example; location / { return 200 "ok\\n"; } }
}`;
  await writeFile(join(folder, "nginx.conf"), configuration);
  running.push(
    await startProgram("nginx", ["-e", "stderr", "-c", join(folder, "nginx.conf"), "-p", folder], { port }),
  );
}

const missing = (name: string) => !hasProgram(name);

describe("real proxies, with the configuration that the Sources page gives", () => {
  it.skipIf(missing("nginx"))("nginx over syslog: every connection once, by its mechanism", async () => {
    const port = await freePort();
    await startNginx(port);
    const made = await visit(port, { sessionIds: true });
    expect(made.resumed).toBeGreaterThan(40);
    await expectSeries(made);
  });

  it.skipIf(missing("nginx"))("nginx: 1,000 connections of which a known share resumed", async () => {
    const port = await freePort();
    await startNginx(port);
    const plan = {
      port,
      connections: 250,
      freshEvery: 4,
      requests: 1,
      protocol: "TLSv1.3",
      tickets: true,
    } as const;
    const parts = await Promise.all([plan, plan, plan, plan].map(makeConnections));
    const made = parts.reduce((sum, part) => ({
      full: sum.full + part.full,
      resumed: sum.resumed + part.resumed,
    }));
    expect(made).toEqual({ full: 252, resumed: 748 });
    await expectSeries({ ...made, byMechanism: { psk: 748 } });
    const params = { metric: "resume_rate", from: "now-10m", to: "now", step: "10s" } as const;
    const reply = await readSeries(collector.store, 1, { params, nowMs: Date.now() });
    expect(reply.series[0]?.total).toEqual({ value: 0.748, count: 1_000 });
  });

  it.skipIf(missing("nginx"))("nginx: failed handshakes from its error log", async () => {
    const port = await freePort();
    await startNginx(port);
    // A record that says handshake and holds none; the fourth failure is the look whether nginx takes connections.
    const nonsense = Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    for (let n = 0; n < 3; n += 1)
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(nonsense));
        socket.on("data", () => undefined);
        socket.on("close", () => resolve());
      });
    await until(async () => {
      const nowMs = Date.now();
      const { rows } = await collector.store.readRollups(1, {
        fromMs: nowMs - 600_000,
        toMs: nowMs + 60_000,
        stepMs: 10_000,
      });
      return rows.filter((row) => row.outcome === "failed").reduce((sum, row) => sum + row.count, 0) === 4;
    });
  });

  it.skipIf(missing("haproxy"))("HAProxy over syslog: every connection once, under its host", async () => {
    const port = await freePort();
    await startHaproxy(configurationOf("haproxy", /^Over syslog/), port);
    const made = await visit(port, { sessionIds: true });
    expect(made.resumed).toBeGreaterThan(40);
    await expectSeries(made);
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "haproxy", transport: "syslog_udp", sender: hostname() },
    ]);
  });

  it.skipIf(missing("haproxy"))("HAProxy over TLS, with a certificate of its own", async () => {
    const authority = new Authority("Reprise test CA");
    const [server, client] = [authority.issue("collector.example"), authority.issue("edge-7.example")];
    await collector.destroy();
    collector = await startCollector({
      syslogTlsPort: ANY_PORT,
      syslogTlsCert: server.certFile,
      syslogTlsKey: server.keyFile,
      syslogTlsCa: authority.caFile,
    });
    await writeFile(join(folder, "client.pem"), Buffer.concat([client.cert, client.key]));
    const frontend = configurationOf("haproxy", /^Over syslog/).split("\nfrontend ")[1];
    const ring = configurationOf("haproxy", /^Over TLS/)
      .replaceAll("{{syslog_host}}", "localhost")
      .replaceAll("{{syslog_tls_port}}", String(collector.syslogTlsPort))
      .replace("/etc/haproxy/reprise-ca.pem", authority.caFile)
      .replace("/etc/haproxy/reprise-client.pem", join(folder, "client.pem"));
    const port = await freePort();
    await startHaproxy(`${ring}\n\nfrontend ${frontend}`, port);
    const made = await visit(port, { sessionIds: true });
    await expectSeries(made);
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "haproxy", transport: "syslog_tls", sender: hostname(), rejected: 0 },
    ]);
  });

  it.skipIf(missing("caddy"))("Caddy over its TCP writer: every connection once, tickets only", async () => {
    const [port, admin] = [await freePort(), await freePort()];
    const configuration = JSON.parse(configurationOf("caddy", /TCP/));
    const route = { handle: [{ handler: "static_response", body: "ok\n" }] };
    const server = {
      listen: [`127.0.0.1:${port}`],
      automatic_https: { disable: true },
      protocols: ["h1"],
      logs: {},
      tls_connection_policies: [{ protocol_min: "tls1.2" }],
      routes: [route],
    };
    const files = [{ certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") }];
    const whole = {
      admin: { listen: `127.0.0.1:${admin}` },
      storage: { module: "file_system", root: folder },
      ...configuration,
      apps: { http: { servers: { lab: server } }, tls: { certificates: { load_files: files } } },
    };
    await writeFile(join(folder, "caddy.json"), JSON.stringify(whole));
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    running.push(await startProgram("caddy", ["run", "--config", join(folder, "caddy.json")], { port, env }));
    const made = await visit(port, { sessionIds: false });
    expect(made.resumed).toBeGreaterThan(25);
    await expectSeries(made);
  });
});

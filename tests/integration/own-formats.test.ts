import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { findSource } from "../../collector/sources/registry.ts";
import { push, startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";
import { type Made, makeConnections } from "../support/tls-clients.ts";

let collector: TestCollector;
let folder: string;
let running: Running[] = [];
let backend: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-formats-"));
  const { cert, key } = selfSigned(["shop.example"], Date.now());
  await writeFile(join(folder, "cert.pem"), cert);
  await writeFile(join(folder, "key.pem"), key);
  await writeFile(join(folder, "bundle.pem"), cert + key);
});
afterEach(async () => {
  for (const program of running) await program.stop();
  running = [];
  backend?.close();
  backend = null;
  await collector.destroy();
  await rm(folder, { recursive: true });
});

const missing = (name: string) => !hasProgram(name);

/** A collector whose configuration file names these formats. */
async function startWith(formats: readonly { source: string; format: string }[]): Promise<void> {
  const configFile = join(folder, "reprise.yaml");
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify({ formats }));
  collector = await startCollector({ configFile });
}

async function visit(port: number): Promise<Made> {
  const plan = { port, connections: 20, freshEvery: 5, requests: 3 };
  const psk = await makeConnections({ ...plan, protocol: "TLSv1.3", tickets: true });
  const id = await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: false });
  return { full: psk.full + id.full, resumed: psk.resumed + id.resumed };
}

async function expectMade(made: Made): Promise<void> {
  const told = async () => {
    const { full = 0, resumed = 0 } = await totalsOf(collector);
    return { full, resumed };
  };
  await until(async () => {
    const { full, resumed } = await told();
    return full + resumed >= made.full + made.resumed;
  });
  expect(await told()).toEqual(made);
}

async function startNginx(port: number, logging: string): Promise<void> {
  const configuration = `
daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  ${logging}
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:SSL:2m; ssl_session_timeout 10m;
  server { listen 127.0.0.1:${port} ssl; server_name shop.example; location / { return 200 "ok\\n"; } }
}`;
  await writeFile(join(folder, "nginx.conf"), configuration);
  const words = ["-e", "stderr", "-c", join(folder, "nginx.conf"), "-p", folder];
  running.push(await startProgram("nginx", words, { port }));
}

async function startHaproxy(port: number, logging: string): Promise<void> {
  const origin = await freePort();
  backend = createServer((_request, response) => response.end("ok\n"));
  await new Promise<void>((resolve) => backend?.listen(origin, "127.0.0.1", () => resolve()));
  const configuration = `defaults
  timeout connect 2s
  timeout client 5s
  timeout server 5s
${logging}
  bind 127.0.0.1:${port} ssl crt ${folder}/bundle.pem ssl-min-ver TLSv1.2
  default_backend origin
backend origin
  mode http
  server o 127.0.0.1:${origin}
`;
  await writeFile(join(folder, "haproxy.cfg"), configuration);
  running.push(await startProgram("haproxy", ["-db", "-f", join(folder, "haproxy.cfg")], { port }));
}

const NGINX = `log_format own '$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent" '
  'tls=$ssl_protocol:$ssl_session_reused:$ssl_session_id host=$ssl_server_name $pid.$connection.$connection_requests $connection_time';`;
const HAPROXY_LOG = String.raw`log-format "%ci:%cp [%tr] %ft %ST %hr \"%HM %HU\" %sslv/%sslc %[ssl_fc_is_resumed] <%[ssl_fc_sni]> %pid %[ssl_fc_session_id,hex]/%[ssl_fc_client_random,hex] %Th"`;

describe("real proxies that log in a format of their operator's", () => {
  it.skipIf(missing("nginx"))("nginx over syslog, its log_format in the configuration file", async () => {
    await startWith([{ source: "nginx", format: NGINX }]);
    const port = await freePort();
    await startNginx(
      port,
      `${NGINX}\naccess_log syslog:server=127.0.0.1:${collector.syslogPort},tag=web own;`,
    );
    const made = await visit(port);
    expect(made.resumed).toBeGreaterThan(25);
    await expectMade(made);
    const nowMs = Date.now();
    const window = { fromMs: nowMs - 600_000, toMs: nowMs + 60_000, limit: 9 };
    const segments = await collector.store.readSegments(1, window);
    expect(new Set(segments.map((s) => `${s.source} ${s.endpoint} ${s.family}`))).toEqual(
      new Set(["nginx shop.example curl"]),
    );
  });

  it.skipIf(missing("nginx"))(
    "nginx over syslog with the text form that the Sources page gives",
    async () => {
      await startWith([]);
      const port = await freePort();
      const text =
        findSource("nginx")?.configurations.find(({ title }) => /^As text/.test(title))?.text ?? "";
      await startNginx(port, text.replaceAll("{{syslog}}", `127.0.0.1:${collector.syslogPort}`));
      await expectMade(await visit(port));
    },
  );

  it.skipIf(missing("nginx"))("nginx's file, pushed with the format in the request", async () => {
    await startWith([]);
    const port = await freePort();
    const file = join(folder, "access.log");
    await startNginx(port, `${NGINX}\naccess_log ${file} own;`);
    const made = await visit(port);
    await running.pop()?.stop();
    const query = new URLSearchParams({ format: NGINX, node: "edge-1" });
    const reply = await push(`${collector.url}/v1/lines/nginx?${query}`, await readFile(file, "utf8"));
    expect(reply).toMatchObject({ status: 200, body: { rejected: 0 } });
    await expectMade(made);
  });

  it.skipIf(missing("haproxy"))("HAProxy over syslog, its log-format in the configuration file", async () => {
    await startWith([{ source: "haproxy", format: HAPROXY_LOG }]);
    const port = await freePort();
    const frontend = `global\n  log 127.0.0.1:${collector.syslogPort} format rfc3164 local0 info\nfrontend https\n  mode http\n  log global`;
    await startHaproxy(
      port,
      `${frontend}\n  http-request capture req.fhdr(User-Agent) len 99\n  ${HAPROXY_LOG}`,
    );
    await expectMade(await visit(port));
  });

  it.skipIf(missing("haproxy"))(
    "HAProxy over syslog with the text form that the Sources page gives",
    async () => {
      await startWith([]);
      const port = await freePort();
      const text =
        findSource("haproxy")?.configurations.find(({ title }) => /^As text/.test(title))?.text ?? "";
      await startHaproxy(port, text.replaceAll("{{syslog}}", `127.0.0.1:${collector.syslogPort}`));
      await expectMade(await visit(port));
    },
  );
});

describe("formats that cannot be used", () => {
  it("in a push are answered 400 with the problem", async () => {
    await startWith([]);
    const reply = (source: string, format: string) =>
      push(`${collector.url}/v1/lines/${source}?${new URLSearchParams({ format })}`, "x");
    expect(await reply("nginx", "$msec $request")).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^The log_format lacks \$ssl_session_reused/) },
    });
    expect(await reply("caddy", "x")).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("haproxy") },
    });
  });

  it("in the configuration file stop the start with one sentence", async () => {
    const wrong = startWith([{ source: "haproxy", format: "%ci %sslv%sslc" }]);
    await expect(wrong).rejects.toThrow(/reprise\.yaml: formats\.0: The log-format lacks .*\.$/);
    await startWith([]);
  });
});

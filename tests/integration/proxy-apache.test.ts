import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { totalsOf, until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";
import { ProxyLab, visit } from "../support/proxy.ts";

const missing = ["apache2", "logger"].some((program) => !hasProgram(program));
const MODULES = ["mpm_event", "authz_core", "proxy", "proxy_http", "socache_shmcb", "ssl"];

let lab: ProxyLab;
let port: number;
beforeEach(async () => {
  lab = await ProxyLab.start();
  port = await freePort();
});
afterEach(() => lab.destroy());

async function startApache(configuration: string, location: string): Promise<Running> {
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const text = `ServerRoot "${lab.folder}"
PidFile ${lab.folder}/apache.pid
DefaultRuntimeDir ${lab.folder}
${modules.join("\n")}
ServerName localhost
Listen 127.0.0.1:${port}
StartServers 2
ServerLimit 2
ThreadsPerChild 10
MaxRequestWorkers 20
${configuration}
SSLSessionCache shmcb:${lab.folder}/ssl_scache(512000)
<VirtualHost 127.0.0.1:${port}>
  ServerName shop.example
  SSLEngine on
  SSLProtocol -all +TLSv1.2 +TLSv1.3
  SSLCertificateFile ${lab.folder}/cert.pem
  SSLCertificateKeyFile ${lab.folder}/key.pem
  ${location}
</VirtualHost>
`;
  await writeFile(join(lab.folder, "apache.conf"), text);
  return lab.add(
    await startProgram("apache2", ["-f", join(lab.folder, "apache.conf"), "-D", "FOREGROUND"], { port }),
  );
}

const plainOrigin = () => `ProxyPass / http://127.0.0.1:${lab.originPort}/`;

/** TLS connections without a request: a health check of the port, a browser's preconnect. */
async function preconnect(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1)
    await new Promise<void>((resolve, reject) => {
      const socket = tls.connect(
        { host: "127.0.0.1", port, servername: "shop.example", rejectUnauthorized: false },
        () => socket.end(),
      );
      socket.on("error", reject).on("close", () => resolve());
      socket.resume();
    });
}

/** A record that says handshake and holds none. */
function sendNonsense(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])),
    );
    socket.on("data", () => undefined).on("close", () => resolve());
  });
}

/** The configuration "To files", writing to the lab's folder. */
const toFiles = () => lab.configurationOf("apache", /files, for/).replaceAll("/var/log/apache2", lab.folder);

describe.skipIf(missing)("a real Apache, with the configuration that the Sources page gives", () => {
  it("over syslog through logger: every connection once, by its mechanism, failures and reloads", async () => {
    const apache = await startApache(lab.configurationOf("apache", /syslog/), plainOrigin());
    // The look whether Apache takes connections failed; it came after the lines of the start, so those are here too.
    await until(async () => (await totalsOf(lab.collector)).failed === 1);
    const made = await visit(port, { sessionIds: true });
    expect(made.resumed).toBeGreaterThan(40);
    await preconnect(3);
    await sendNonsense();
    await until(async () => {
      const { failed, unknown } = await totalsOf(lab.collector);
      return failed === 2 && unknown === 3;
    });
    apache.child.kill("SIGUSR1");
    const changes = () =>
      lab.collector.store.readChanges(1, {
        fromMs: Date.now() - 600_000,
        toMs: Date.now() + 60_000,
        limit: 10,
      });
    await until(async () => (await changes()).length === 1);
    expect(await changes()).toMatchObject([{ kind: "reload", title: "Apache reloaded its configuration" }]);
    await lab.expectVisited(made);
  });

  it.each([
    ["error log first", ["reprise.error.log", "reprise.json.log"]],
    ["access log first", ["reprise.json.log", "reprise.error.log"]],
  ])("to files, %s: every connection once", async (_order, files) => {
    const apache = await startApache(toFiles(), plainOrigin());
    const made = await visit(port, { sessionIds: true });
    await preconnect(3);
    await apache.stop();
    for (const file of files) await lab.feed("apache", join(lab.folder, file));
    await lab.expectVisited(made);
    expect(await totalsOf(lab.collector)).toEqual({
      full: made.full,
      resumed: made.resumed,
      failed: 1,
      unknown: 3,
    });
  });

  it("the access log alone: every connection with a request once", async () => {
    const apache = await startApache(toFiles(), plainOrigin());
    const made = await visit(port, { sessionIds: true });
    await apache.stop();
    await lab.feed("apache", join(lab.folder, "reprise.json.log"));
    await lab.expectVisited(made);
  });

  it("in front of a TLS backend: Apache's own handshakes as a client are not counted", async () => {
    const backend = tls.createServer(
      { cert: await lab.read("cert.pem"), key: await lab.read("key.pem") },
      (socket) => {
        socket.on("error", () => undefined);
        socket.on("data", () =>
          socket.end("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n"),
        );
      },
    );
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", () => resolve()));
    const address = backend.address();
    const origin = typeof address === "object" && address ? address.port : 0;
    const apache = await startApache(
      toFiles(),
      `SSLProxyEngine on
  SSLProxyCheckPeerName off
  ProxyPass / https://127.0.0.1:${origin}/`,
    );
    const made = await visit(port, { sessionIds: false });
    await apache.stop();
    backend.close();
    await lab.feed("apache", join(lab.folder, "reprise.error.log"));
    await lab.feed("apache", join(lab.folder, "reprise.json.log"));
    await lab.expectVisited(made);
    expect(await totalsOf(lab.collector)).toEqual({ full: made.full, resumed: made.resumed, failed: 1 });
    // Apache did shake hands with its backend, and its log has that too.
    expect(String(await lab.read("reprise.error.log")).match(/AH02041/g)?.length).toBeGreaterThan(
      made.full + made.resumed,
    );
  });
});

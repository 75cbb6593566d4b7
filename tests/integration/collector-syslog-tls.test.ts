import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ANY_PORT } from "../../collector/main.ts";
import { readTlsFiles, syslogTlsFiles } from "../../lib/runtime/tls-files.ts";
import { Authority, type Pair } from "../support/certificates.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";

const ours = new Authority("Reprise test CA");
const foreign = new Authority("Somebody else's CA");
const server = ours.issue("collector.example");
const renewed = ours.issue("collector.example");
const edge = ours.issue("edge-7.example");
const stranger = foreign.issue("edge-7.example");

let folder: string;
let collector: TestCollector;
let running: TestCollector | null;
let clients: TLSSocket[];
let nextConnection = 1;

beforeEach(() => {
  clients = [];
  running = null;
  folder = mkdtempSync(join(tmpdir(), "reprise-tls-"));
  install(server);
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await running?.destroy();
});

const file = (name: string): string => join(folder, name);
function install(pair: Pair): void {
  copyFileSync(pair.certFile, file("cert.pem"));
  copyFileSync(pair.keyFile, file("key.pem"));
}

async function start(withCa: boolean, host = "127.0.0.1"): Promise<void> {
  if (withCa) copyFileSync(ours.caFile, file("ca.pem"));
  running = await startCollector({
    collectorHost: host,
    syslogTlsPort: ANY_PORT,
    syslogTlsCert: file("cert.pem"),
    syslogTlsKey: file("key.pem"),
    syslogTlsCa: withCa ? file("ca.pem") : "",
  });
  collector = running;
}

/** A connected client; rejects when the handshake (or, in TLS 1.3, what follows it) is refused. */
function client(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port: collector.syslogTlsPort ?? 0,
      ca: ours.ca,
      ...options,
    });
    clients.push(socket);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.on("secureConnect", () => resolve(socket));
  });
}
const as = ({ cert, key }: Pair): ConnectionOptions => ({ cert, key });

/** Whether the listener takes messages over a connection with these options. */
async function isTaken(options: ConnectionOptions): Promise<boolean> {
  const before = (await totalsOf(collector)).full ?? 0;
  try {
    const socket = await client(options);
    const gone = new Promise<"gone">((resolve) => socket.on("close", () => resolve("gone")));
    socket.write(`${access()}\n`);
    const taken = until(async () => ((await totalsOf(collector)).full ?? 0) > before);
    return (await Promise.race([gone, taken])) !== "gone";
  } catch {
    return false;
  }
}

function access(outcome = "."): string {
  nextConnection += 1;
  return JSON.stringify({
    msec: (Date.now() / 1000).toFixed(3),
    pid: 7,
    connection: nextConnection,
    connection_requests: 1,
    ssl_protocol: "TLSv1.3",
    ssl_session_reused: outcome,
    ssl_server_name: "shop.example",
  });
}
const framed = (message: string): string => `${Buffer.byteLength(message)} ${message}`;
const counted = async (series: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${collector.httpPort}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.split(" ")[1] ?? 0);
};
const handshakes = (outcome: string): Promise<number> =>
  counted(`reprise_syslog_tls_handshakes_total{outcome="${outcome}"}`);

describe("messages over TLS", () => {
  it("come octet-counted and by line, and from their own host", async () => {
    await start(false);
    const socket = await client();
    const header = "<134>1 2026-11-24T10:00:00Z edge-9 nginx 7 - -";
    socket.write(framed(`${header} ${access()}`) + framed(`${header} ${access()}`));
    socket.write(`<190>Nov 24 10:00:00 edge-9 nginx: ${access()}\n`);
    socket.end(framed(`${header} ${access()}`));
    await until(async () => (await totalsOf(collector)).full === 4);
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "nginx", transport: "syslog_tls", sender: "edge-9", accepted: 4 },
    ]);
  });

  it("without a host of their own come from their certificate's subject, on resumed connections too", async () => {
    await start(true);
    const first = await client({ ...as(edge), maxVersion: "TLSv1.3" });
    const session = await ticketOf(first);
    first.write(`${access()}\n`);
    const second = await client({ ...as(edge), session });
    expect(second.isSessionReused()).toBe(true);
    second.write(`${access()}\n`);
    await until(async () => (await totalsOf(collector)).full === 2);
    expect(await collector.store.readSources(1)).toMatchObject([
      { transport: "syslog_tls", sender: "edge-7.example", accepted: 2 },
    ]);
  });

  it("are taken on the IPv6 loopback as well", async () => {
    await start(false, "::1");
    const socket = await client({ host: "::1" });
    socket.write(`${access()}\n`);
    await until(async () => (await totalsOf(collector)).full === 1);
  });
});

describe("client certificates", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("are needed where a CA is set, over %s", async (version) => {
    await start(true);
    const only = { minVersion: version, maxVersion: version };
    expect(await isTaken({ ...as(edge), ...only })).toBe(true);
    expect(await isTaken(only)).toBe(false);
    expect(await isTaken({ ...as(stranger), ...only })).toBe(false);
    await until(async () => (await handshakes("failed")) === 2);
    expect(await handshakes("full")).toBe(1);
  });

  it("are not asked for where none is set", async () => {
    await start(false);
    expect(await isTaken({})).toBe(true);
  });
});

describe("handshakes", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("resume by ticket over %s", async (version) => {
    await start(true);
    const only = { ...as(edge), minVersion: version, maxVersion: version };
    const session = await ticketOf(await client(only));
    const again = await client({ ...only, session });
    expect(again.isSessionReused()).toBe(true);
    await until(async () => (await handshakes("resumed")) === 1);
    expect(await handshakes("full")).toBe(1);
  });

  it("below TLS 1.2 are refused", async () => {
    await start(false);
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await expect(client(old)).rejects.toThrow(/protocol version/i);
    await until(async () => (await handshakes("failed")) === 1);
  });

  it("that do not end are cut off, and a stop does not wait for them", async () => {
    await start(false);
    const slow = connectTcp(collector.syslogTlsPort ?? 0, "127.0.0.1");
    slow.write(Buffer.from("160301", "hex"));
    await new Promise((resolve) => slow.on("close", resolve));
    expect(await handshakes("failed")).toBe(1);
    const another = connectTcp(collector.syslogTlsPort ?? 0, "127.0.0.1");
    await new Promise((resolve) => another.on("connect", resolve));
    await collector.close();
  });
});

describe("changed files", () => {
  it("are taken for new connections; old ones and their sessions live on", async () => {
    await start(true);
    const before = await client(as(edge));
    const session = await ticketOf(before);
    expect(serialOf(before)).toBe(serialIn(server));
    install(renewed);
    collector.reload();
    expect(serialOf(await client(as(edge)))).toBe(serialIn(renewed));
    expect((await client({ ...as(edge), session })).isSessionReused()).toBe(true);
    before.write(`${access()}\n`);
    await until(async () => (await totalsOf(collector)).full === 1);
    expect(await counted('reprise_syslog_tls_reloads_total{result="ok"}')).toBe(1);
  });

  it("that do not belong together are not taken, and counted once", async () => {
    await start(true);
    copyFileSync(renewed.certFile, file("cert.pem"));
    collector.reload();
    collector.reload();
    expect(serialOf(await client(as(edge)))).toBe(serialIn(server));
    expect(await counted('reprise_syslog_tls_reloads_total{result="failed"}')).toBe(1);
    copyFileSync(renewed.keyFile, file("key.pem"));
    collector.reload();
    expect(serialOf(await client(as(edge)))).toBe(serialIn(renewed));
    expect(await counted('reprise_syslog_tls_reloads_total{result="ok"}')).toBe(1);
  });

  it("with another CA let nobody in whom it does not vouch for, not even by an old session", async () => {
    await start(true);
    const session = await ticketOf(await client(as(edge)));
    writeFileSync(file("ca.pem"), foreign.ca);
    collector.reload();
    expect(await isTaken({ ...as(edge), session })).toBe(false);
    expect(await isTaken(as(stranger))).toBe(true);
  });
});

describe("files that cannot be used end the start in one sentence", () => {
  const problemOf = (change: Partial<Record<"cert" | "key" | "ca" | "crl", string>>): string => {
    const { cert = file("cert.pem"), key = file("key.pem"), ca = "", crl = "" } = change;
    try {
      readTlsFiles(
        syslogTlsFiles({ syslogTlsCert: cert, syslogTlsKey: key, syslogTlsCa: ca, syslogTlsCrl: crl }),
      );
    } catch (error) {
      expect((error as Error).name).toBe("SettingsError");
      return (error as Error).message;
    }
    return "";
  };

  it("says which and why", () => {
    expect(problemOf({})).toBe("");
    expect(problemOf({ cert: "" })).toBe(
      "REPRISE_SYSLOG_TLS_PORT is set, so REPRISE_SYSLOG_TLS_CERT is needed too.",
    );
    expect(problemOf({ key: "" })).toContain("REPRISE_SYSLOG_TLS_KEY is needed too");
    expect(problemOf({ crl: file("cert.pem") })).toContain("set that too");
    expect(problemOf({ ca: file("cert.pem"), crl: file("key.pem") })).toContain(
      "holds no PEM revocation list",
    );
    expect(problemOf({ key: file("none.pem") })).toMatch(
      /KEY names .*none.pem, which cannot be read: ENOENT/,
    );
    expect(problemOf({ key: renewed.keyFile })).toMatch(/is not the key of the certificate in .*cert.pem/);
    expect(problemOf({ cert: file("key.pem") })).toContain("holds no PEM certificate");
    expect(problemOf({ key: file("cert.pem") })).toContain("holds no PEM key without a passphrase");
    expect(problemOf({ ca: file("key.pem") })).toMatch(
      /^REPRISE_SYSLOG_TLS_CA names .* holds no PEM certificate/,
    );
    writeFileSync(file("broken.pem"), server.cert.toString().replace(/MII../, "MIIB"));
    expect(problemOf({ cert: file("broken.pem") })).toContain("holds a broken certificate");
  });

  it("and leaves no port behind", async () => {
    const settings = {
      syslogTlsPort: ANY_PORT,
      syslogTlsCert: file("none.pem"),
      syslogTlsKey: file("key.pem"),
    };
    await expect(startCollector(settings)).rejects.toThrow("REPRISE_SYSLOG_TLS_CERT names");
  });
});

const serialOf = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber;
const serialIn = (pair: Pair): string => new X509Certificate(pair.cert).serialNumber;

/** The newest session of a connection, once its ticket has come. */
function ticketOf(socket: TLSSocket): Promise<Buffer> {
  const ticket = new Promise<Buffer>((resolve) => socket.once("session", resolve));
  const known = socket.getProtocol() === "TLSv1.2" ? socket.getSession() : undefined;
  return known ? Promise.resolve(known) : ticket;
}

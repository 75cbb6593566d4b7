/** The collector's HTTP port over TLS: who gets in by certificate, by token, and by neither. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sender } from "../../collector/agent/sender.ts";
import { changeCommand } from "../../collector/cli/change.ts";
import { ImportClient } from "../../collector/cli/import-client.ts";
import { ANY_PORT } from "../../collector/main.ts";
import { Outbox } from "../../collector/tap/outbox.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { Authority } from "../support/certificates.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { beside, giveToken } from "../support/tokens.ts";

const ours = new Authority("our ca");
const foreign = new Authority("foreign ca");
const server = ours.issue("collector.example");
const edge = ours.issue("edge-7");
const stranger = ours.issue("stranger");
const forged = foreign.issue("edge-7");
const folder = mkdtempSync(join(tmpdir(), "reprise-http-tls-"));
const files = {
  cert: join(folder, "cert.pem"),
  key: join(folder, "key.pem"),
  config: join(folder, "c.yaml"),
};

let collector: TestCollector;
let token: string;
beforeAll(async () => {
  copyFileSync(server.certFile, files.cert);
  copyFileSync(server.keyFile, files.key);
  const client =
    "clients:\n  - name: edge-*\n    node: true\n    nodes: [edge-*]\n    scopes: [handshakes]\n";
  writeFileSync(files.config, client);
  collector = await startCollector({
    requireTokens: true,
    configFile: files.config,
    ...{ syslogTlsPort: ANY_PORT, syslogTlsCert: files.cert, syslogTlsKey: files.key },
    syslogTlsCa: ours.caFile,
    ...{ collectorTlsCert: files.cert, collectorTlsKey: files.key, collectorTlsCa: ours.caFile },
  });
  const scopes = ["handshakes", "changes", "read"] as const;
  token = await beside(join(collector.dataDir, "reprise.db"), ({ tokens }) => giveToken(tokens, { scopes }));
  await until(async () => (await ask("/metrics", { token })).status === 200);
});
afterAll(async () => {
  await collector.destroy();
  rmSync(folder, { recursive: true });
});

type Asked = {
  readonly token?: string;
  readonly body?: string;
  readonly tls?: object;
};
/** One request on a connection of its own; answers whether its session was resumed, too. */
function ask(path: string, { token: shown, body, tls = {} }: Asked) {
  return new Promise<{ status: number; text: string; session: Buffer | null; isReused: boolean }>(
    (resolve, reject) => {
      let session: Buffer | null = null;
      const headers: Record<string, string> = { connection: "close" };
      if (shown !== undefined) headers.authorization = `Bearer ${shown}`;
      const options = { host: "127.0.0.1", port: collector.httpPort, ca: ours.ca, ...tls };
      const socket = connect(options, () => {
        const sent = request({
          path,
          method: body === undefined ? "GET" : "POST",
          headers,
          createConnection: () => socket,
        });
        sent.on("error", reject);
        sent.on("response", async (response) => {
          let text = "";
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode ?? 0, text, session, isReused: socket.isSessionReused() });
        });
        sent.end(body);
      });
      socket.on("session", (ticket: Buffer) => {
        session = ticket;
      });
      socket.on("error", reject);
    },
  );
}
const as = ({ cert, key }: { cert: Buffer; key: Buffer }) => ({ cert, key });
const handshake = (part: object = {}): string =>
  JSON.stringify({ ts: Date.now(), outcome: "full", endpoint: "shop.example", ...part });
const push = (asked: Asked & { path?: string } = {}) =>
  ask(asked.path ?? "/v1/handshakes", { body: handshake({ node: "edge-7" }), ...asked });

describe("a sender over TLS", () => {
  it("gets in by token, and not without", async () => {
    expect((await push({ token })).status).toBe(200);
    expect((await push()).status).toBe(401);
    expect((await ask("/healthz", {})).status).toBe(200);
  });

  it("gets in by a certificate that is named, within what is said of it, as its node", async () => {
    const tls = as(edge);
    expect((await push({ tls })).status).toBe(200);
    expect((await push({ tls, path: "/v1/changes" })).status).toBe(403);
    expect((await ask("/metrics", { tls })).status).toBe(403);
    const other = await push({ tls, body: handshake({ node: "b-1" }) });
    expect([other.status, other.text]).toEqual([422, expect.stringContaining("may not write this node")]);
    const sources = await collector.store.readSources(1);
    expect(sources.map(({ sender }) => sender)).toContain("edge-7");
  });

  it("gets in by no certificate that is not named, or of another authority, resumed sessions included", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const cases: [string, object, number][] = [
        ["named", as(edge), 200],
        ["not named", as(stranger), 401],
        ["of another authority", as(forged), 401],
        ["none", {}, 401],
      ];
      for (const [what, identity, status] of cases) {
        const tls = { ...identity, minVersion: version, maxVersion: version };
        const first = await push({ tls });
        const again = await push({ tls: { ...tls, session: first.session ?? undefined } });
        expect([version, what, first.status, again.status]).toEqual([version, what, status, status]);
        // A session that began as one sender does not become another's by resuming it.
        if (what !== "named") continue;
        const without = { minVersion: version, maxVersion: version, session: first.session ?? undefined };
        const resumed = await push({ tls: without });
        expect([version, resumed.isReused, resumed.status]).toEqual([version, true, 200]);
      }
    }
  });

  it("uses no version below 1.2", async () => {
    const tls = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" };
    await expect(push({ token, tls })).rejects.toThrow();
  });

  it("is counted by how its handshake went, as every node's are", async () => {
    const { text } = await ask("/metrics", { token });
    for (const outcome of ["full", "resumed", "failed"])
      expect(text).toMatch(new RegExp(`reprise_http_tls_handshakes_total{outcome="${outcome}"} [1-9]`));
  });

  it("sees a new certificate once the files have changed, and the old one where they are broken", async () => {
    const next = ours.issue("next.example");
    writeFileSync(files.cert, "nothing");
    collector.reload();
    expect((await push({ token })).status).toBe(200);
    copyFileSync(next.certFile, files.cert);
    copyFileSync(next.keyFile, files.key);
    collector.reload();
    const socket = connect({ host: "127.0.0.1", port: collector.httpPort, ca: ours.ca });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    expect(socket.getPeerCertificate().subject.CN).toBe("next.example");
    socket.destroy();
  });
});

describe("a sender of syslog over TLS", () => {
  const line = (host: string): string => {
    const told = {
      msec: (Date.now() / 1000).toFixed(3),
      pid: 7,
      connection: Math.ceil(Math.random() * 1e9),
      connection_requests: 1,
    };
    const tls = { ssl_protocol: "TLSv1.3", ssl_session_reused: "r", ssl_server_name: "syslog.example" };
    return `<190>Nov 24 10:00:00 ${host} nginx: ${JSON.stringify({ ...told, ...tls })}\n`;
  };
  const resumed = async (): Promise<number> => (await totalsOf(collector)).resumed ?? 0;
  const open = (pair: { cert: Buffer; key: Buffer }) => {
    const socket = connect({
      host: "127.0.0.1",
      port: collector.syslogTlsPort ?? 0,
      ca: ours.ca,
      ...as(pair),
    });
    const closed = new Promise((resolve) => socket.on("close", resolve).on("error", () => undefined));
    return { socket, closed };
  };

  it("writes within what is said of its certificate, and one that nobody names writes nothing", async () => {
    const { socket } = open(edge);
    socket.write(line("edge-7") + line("b-1") + line("edge-8"));
    await until(async () => (await resumed()) === 2);
    const sources = await collector.store.readSources(1);
    expect(sources.find(({ sender }) => sender === "b-1")).toMatchObject({ accepted: 0, rejected: 1 });
    socket.destroy();
    const unnamed = open(stranger);
    unnamed.socket.write(line("edge-7"));
    await unnamed.closed;
    expect(await resumed()).toBe(2);
    expect((await ask("/metrics", { token })).text).toContain(
      'reprise_syslog_dropped_total{reason="not_allowed"} 1',
    );
  });
});

it("the agent's sender shows its certificate, or its token, and waits where the collector shows a foreign one", async () => {
  const send = async (access: object, isDone: (sender: Sender) => boolean): Promise<Sender> => {
    const outbox = new Outbox(null);
    const handshakes = {
      ...JSON.parse(handshake({ node: "edge-7", outcome: "resumed", endpoint: "tap.example" })),
    };
    outbox.addHandshake(handshakes);
    outbox.flush();
    const config = { collector: `https://127.0.0.1:${collector.httpPort}`, ...access };
    const sender = new Sender(config, { spool: outbox, log: makeLogger("silent"), clock: Date.now });
    const running = sender.run();
    await until(async () => isDone(sender));
    sender.stop();
    await running;
    return sender;
  };
  const isTaken = ({ status }: Sender): boolean => status.acknowledgedMs !== null;
  const { certFile: cert, keyFile: key } = edge;
  await send({ ca: ours.caFile, cert, key }, isTaken);
  await send({ ca: ours.caFile, token }, isTaken);
  const refused = await send({ ca: ours.caFile }, ({ status }) => status.state === "refused");
  expect(refused.status.problem).toContain("401");
  const waiting = await send({ ca: foreign.caFile, token }, ({ status }) => status.state === "retrying");
  expect(waiting.status.problem).not.toContain(token);
});

it("the commands of a host send with its token, and believe its authority only", async () => {
  const collectorUrl = `https://127.0.0.1:${collector.httpPort}`;
  const settings = { ...collector.settings, collectorUrl, token, ca: ours.caFile };
  const io = { stdout: new PassThrough(), stderr: new PassThrough() };
  const input = { kind: "reload", title: "reloaded" };
  expect(await changeCommand(input, settings, io)).toBe(0);
  expect(await changeCommand(input, { ...settings, token: "" }, io)).toBe(1);
  expect(await changeCommand(input, { ...settings, ca: foreign.caFile }, io)).toBe(1);
  expect(String(io.stderr.read())).not.toContain(token);
  const client = new ImportClient({ url: collectorUrl, token, ca: ours.ca });
  expect(await client.find({ source: "nginx", head: "0".repeat(64) })).toEqual([]);
  expect((await totalsOf(collector)).full).toBeGreaterThan(0);
});

import { execFileSync } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { MAX_BYTES } from "../../collector/probe/handshake.ts";
import type { NodeProbe } from "../../lib/domain/probe.ts";
import { ProbeLab, probeOf, roundOf, specOf } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";

let servers: Server[] = [];
const sockets = new Set<Socket>();
let lab: ProbeLab;
beforeEach(async () => {
  lab = await ProbeLab.start();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  servers = [];
  await lab.destroy();
});

/** A server on loopback that does what `serve` says with each connection. */
async function hostile(
  serve: (socket: Socket) => void,
): Promise<{ address: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    serve(socket);
  });
  return { address: await listening(server), connections: () => connections };
}

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

/** Probes one node; answers what was found and how long it took. */
async function probe(address: string, timeoutMs = 1_500): Promise<{ found: NodeProbe; tookMs: number }> {
  const begunMs = performance.now();
  const round = await roundOf(specOf([{ name: "bad", address }], { timeoutMs }));
  return { found: probeOf(round, "bad"), tookMs: performance.now() - begunMs };
}

/** Writes without end, as fast as it is taken. */
function flood(socket: Socket | tls.TLSSocket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
}

describe("servers that mean harm, or are broken", () => {
  it("never answering: ends at its time, and is asked once only", async () => {
    const { address, connections } = await hostile(() => undefined);
    const { found, tookMs } = await probe(address);
    expect(found.failure).toEqual({ problem: "timeout", detail: "no handshake within 1500 ms" });
    expect(tookMs).toBeLessThan(8_000);
    expect(connections()).toBe(1);
  });

  it("closing at once", async () => {
    const { address } = await hostile((socket) => socket.destroy());
    expect((await probe(address)).found.failure?.problem).toBe("reset");
  });

  it("speaking something else", async () => {
    const { address } = await hostile((socket) => void socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    const { found } = await probe(address);
    expect(found.failure?.problem).toBe("not_tls");
    // Nothing of what the server said is repeated.
    expect(found.failure?.detail).not.toContain("OpenSSH");
  });

  it("garbage without end", async () => {
    const { address } = await hostile((socket) => flood(socket, Buffer.alloc(65_536, 0xff)));
    const { found, tookMs } = await probe(address);
    expect(found.failure).not.toBeNull();
    expect(tookMs).toBeLessThan(8_000);
  });

  it("a handshake message that never ends: within bytes and time", async () => {
    // ServerHello records of a length that is never reached.
    const header = Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00]);
    const hello = Buffer.concat([header, Buffer.from([2, 0xff, 0xff, 0xff]), Buffer.alloc(0x4000 - 4)]);
    const { address } = await hostile((socket) => flood(socket, hello));
    const { found, tookMs } = await probe(address);
    expect(found.failure).not.toBeNull();
    expect(tookMs).toBeLessThan(8_000);
  });

  it("one byte now and then", async () => {
    const { address } = await hostile((socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([0x16])), 50);
      socket.on("close", () => clearInterval(timer));
    });
    const { found, tookMs } = await probe(address);
    expect(found.failure).not.toBeNull();
    expect(tookMs).toBeLessThan(8_000);
  });

  it("data without end after a good handshake: the handshake counts, the rest is cut off", async () => {
    const server = tls.createServer(selfSigned(["shop.example"], Date.now()), (socket) => {
      socket.on("error", () => socket.destroy());
      flood(socket, Buffer.alloc(65_536, 0x61));
    });
    const before = process.memoryUsage().rss;
    const { found, tookMs } = await probe(await listening(server), 5_000);
    expect(found.failure).toBeNull();
    expect(found.timings.length).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(40_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });

  it.skipIf(!hasProgram("openssl"))("a huge certificate list", async () => {
    const { cert } = selfSigned(["huge.example"], Date.now());
    await lab.write("chain.pem", cert.repeat(800));
    const node = await lab.openssl("huge", ["-www", "-cert_chain", lab.path("chain.pem")]);
    const { found } = await probe(node.address, 10_000);
    expect(found.failure?.problem).toBe("too_large");
    expect(MAX_BYTES).toBeLessThan(300_000);
  });

  it.skipIf(!hasProgram("openssl"))("many more tickets than anybody needs", async () => {
    const node = await lab.openssl("many", ["-www", "-tls1_3", "-num_tickets", "200"]);
    const { found } = await probe(node.address, 10_000);
    expect(found.failure).toBeNull();
    expect(found.mechanisms.psk.tickets).toBeLessThanOrEqual(16);
  });

  it.skipIf(!hasProgram("openssl"))("certificates that no client would accept are described", async () => {
    const files = ["-keyout", lab.path("key.pem"), "-out", lab.path("cert.pem")];
    const words = [
      "req",
      "-x509",
      "-newkey",
      "rsa:1024",
      "-nodes",
      "-subj",
      "/CN=small.example",
      "-days",
      "2",
    ];
    execFileSync("openssl", [...words, ...files], { stdio: "ignore" });
    const small = await lab.openssl("small", ["-www", "-cipher", "DEFAULT:@SECLEVEL=0"]);
    expect((await probe(small.address, 10_000)).found.certificate).toMatchObject({
      ...{ subject: "CN=small.example", keyType: "rsa", keyBits: 1_024, trusted: false },
    });
    const { cert, key } = selfSigned(["shop.example"], Date.now() - 400 * 86_400_000);
    await Promise.all([lab.write("cert.pem", cert), lab.write("key.pem", key)]);
    const expired = await lab.openssl("expired", ["-www"]);
    const { found } = await probe(expired.address, 10_000);
    expect(found.certificate?.validToMs).toBeLessThan(Date.now());
  });

  it("stops at once when the prober stops, and says nothing of the nodes", async () => {
    const { address } = await hostile(() => undefined);
    const stopping = new AbortController();
    const round = roundOf(specOf([{ name: "bad", address }], { timeoutMs: 60_000 }), {
      signal: stopping.signal,
    });
    setTimeout(() => stopping.abort(), 200);
    expect(await round).toEqual({ nodes: [], agreements: [], keys: [] });
  });
});

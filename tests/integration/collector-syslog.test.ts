import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";

let collector: TestCollector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.destroy());

const access = (connection: number, request = 1): string =>
  JSON.stringify({
    msec: (Date.now() / 1000).toFixed(3),
    pid: 7,
    connection,
    connection_requests: request,
    connection_time: "0.010",
    request_time: "0.000",
    ssl_protocol: "TLSv1.3",
    ssl_session_reused: "r",
    ssl_server_name: "shop.example",
  });
const has = (count: number) => until(async () => (await totalsOf(collector)).resumed === count);

async function tcp(bytes: readonly (string | Buffer)[]): Promise<void> {
  const socket = connect(collector.syslogPort ?? 0, "127.0.0.1");
  for (const part of bytes) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await new Promise<void>((resolve) => socket.end(() => resolve()));
}

it("takes RFC 3164 over UDP, one connection once, and names the sender", async () => {
  const socket = createSocket("udp4");
  for (const line of [access(1), access(1, 2), access(2)]) {
    const message = `<190>Nov 24 10:00:00 edge-9 nginx: ${line}`;
    await new Promise<void>((resolve) =>
      socket.send(message, collector.syslogPort ?? 0, "127.0.0.1", () => resolve()),
    );
  }
  await has(2);
  socket.close();
  expect(await collector.store.readSources(1)).toMatchObject([
    { source: "nginx", transport: "syslog_udp", sender: "edge-9", accepted: 2 },
  ]);
  const nowMs = Date.now();
  expect(
    await collector.store.readSegments(1, { fromMs: nowMs - 60_000, toMs: nowMs + 60_000, limit: 5 }),
  ).toMatchObject([{ node: "edge-9", endpoint: "shop.example", handshakes: 2 }]);
});

it("takes RFC 5424 with octet counting over TCP, cut anywhere", async () => {
  const messages = [1, 2, 3].map((n) => `<134>1 2026-11-24T10:00:00Z edge-9 nginx 7 - - ${access(n)}`);
  const bytes = Buffer.from(messages.map((m) => `${Buffer.byteLength(m)} ${m}`).join(""));
  await tcp([bytes.subarray(0, 2), bytes.subarray(2, 300), bytes.subarray(300)]);
  await has(3);
});

it("takes lines over TCP, with or without a syslog header, the last one unfinished", async () => {
  await tcp([`<190>Nov 24 10:00:00 edge-9 nginx: ${access(1)}\r\n`, `${access(2)}\n`, access(3)]);
  await has(3);
});

it("drops a message that is too long and goes on with the next", async () => {
  await tcp([`${"x".repeat(40_000)}\n`, `${access(1)}\n`]);
  await has(1);
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  expect(metrics).toContain('reprise_syslog_dropped_total{reason="too_long"} 1');
});

it("drops a datagram that is longer than a line may be", async () => {
  const socket = createSocket("udp4");
  for (const message of ["x".repeat(40_000), access(1)])
    await new Promise<void>((resolve) =>
      socket.send(message, collector.syslogPort ?? 0, "127.0.0.1", () => resolve()),
    );
  await has(1);
  socket.close();
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  expect(metrics).toContain('reprise_syslog_dropped_total{reason="too_long"} 1');
});

it("refuses what nests without end, in a line or a body, and goes on", async () => {
  const deep = '{"b":1,"a":'.repeat(8_000);
  await tcp([`${'{"log_ms":1,"client_random":'.repeat(500)}1${"}".repeat(500)}\n`]);
  for (const body of [`[${deep}{":{"a"`, `[${"[".repeat(20_000)}${"]".repeat(20_000)}]`]) {
    const response = await fetch(`${collector.url}/v1/handshakes`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("nests deeper than 1000");
  }
  await tcp([`${access(1)}\n`]);
  await has(1);
});

it("shows what no source recognises", async () => {
  await tcp(["<190>Nov 24 10:00:00 host app: hello\n"]);
  await until(async () => (await collector.store.readSources(1)).length === 1);
  expect(await collector.store.readSources(1)).toMatchObject([
    { source: "unknown", rejected: 1, rejections: [{ reason: "no source recognises this message" }] },
  ]);
});

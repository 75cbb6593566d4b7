import { createSocket, type Socket } from "node:dgram";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ANY_PORT } from "../../collector/main.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";

let collector: TestCollector;
let socket: Socket;
beforeEach(async () => {
  collector = await startCollector({ statsdPort: ANY_PORT });
  socket = createSocket("udp4");
});
afterEach(async () => {
  socket.close();
  await collector.destroy();
});

const send = (...lines: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.send(lines.join("\n"), collector.statsdPort ?? 0, "127.0.0.1", (error) =>
      error ? reject(error) : resolve(),
    ),
  );
const dropped = async (reason: string): Promise<string | undefined> => {
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  return new RegExp(`reprise_statsd_dropped_total{reason="${reason}"} (\\d+)`).exec(metrics)?.[1];
};
const LISTENER = "envoy.listener.0.0.0.0_8443.ssl";

it("counts what Envoy's sinks send, over many datagrams and lines", async () => {
  await send(
    `${LISTENER}.handshake:7|c`,
    `${LISTENER}.session_reused:4|c`,
    "envoy.server.live:1|g",
    "envoy.http.x.downstream_rq_time:12|ms",
  );
  await send(`${LISTENER}.handshake:3|c\n${LISTENER}.connection_error:2|c\n`);
  // A sampled counter, and DogStatsD's tags in place of a name.
  await send(
    "envoy.listener.ssl.handshake:1|c|@0.1|#envoy.listener_address:0.0.0.0_443,host:edge-1,region:eu-west",
  );
  await until(async () => (await totalsOf(collector)).full === 6 + 10);
  expect(await totalsOf(collector)).toEqual({ full: 16, resumed: 4, failed: 2 });
  const nowMs = Date.now();
  expect(
    await collector.store.readSegments(1, { fromMs: nowMs - 60_000, toMs: nowMs + 60_000, limit: 5 }),
  ).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ endpoint: "0.0.0.0_443", node: "edge-1", region: "eu-west", handshakes: 10 }),
      expect.objectContaining({ endpoint: "0.0.0.0_8443", node: null, handshakes: 12 }),
    ]),
  );
  const sources = await collector.store.readSources(1);
  expect(sources.map(({ source, transport, sender }) => [source, transport, sender]).sort()).toEqual([
    ["envoy-stats", "statsd", "127.0.0.1"],
    ["envoy-stats", "statsd", "edge-1"],
  ]);
});

it("counts every flush, equal ones as well", async () => {
  for (const full of [5, 10, 15]) {
    await send(`${LISTENER}.handshake:5|c`);
    await until(async () => (await totalsOf(collector)).full === full);
  }
});

it("drops malformed lines one by one, and says how many", async () => {
  await send("hello", `${LISTENER}.handshake:x|c`, `${LISTENER}.handshake:2|c`, `${LISTENER}.handshake:-4|c`);
  await until(async () => (await totalsOf(collector)).full === 2);
  expect(await dropped("malformed")).toBe("3");
});

it("listens only where it is asked to", async () => {
  const quiet = await startCollector();
  expect(quiet.statsdPort).toBeNull();
  await quiet.destroy();
});

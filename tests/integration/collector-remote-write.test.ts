import { afterEach, beforeEach, expect, it } from "vitest";
import { startCollector, type TestCollector, totalsOf } from "../support/collector.ts";
import { remoteWrite, type TestSeries, writeRequest } from "../support/remote-write.ts";

const STEP_MS = 15_000;
let collector: TestCollector;
let startMs: number;
beforeEach(async () => {
  collector = await startCollector();
  startMs = Date.now() - 600_000;
});
afterEach(() => collector.destroy());

const at = (step: number) => startMs + step * STEP_MS;
const series = (
  counter: string,
  values: readonly (readonly [step: number, value: number])[],
  more: Record<string, string> = {},
): TestSeries => ({
  labels: {
    __name__: `envoy_listener_ssl_${counter}`,
    envoy_listener_address: "0.0.0.0_8443",
    instance: "edge-1:9901",
    job: "envoy",
    ...more,
  },
  samples: values.map(([step, value]) => [at(step), value]),
});
const send = async (...list: readonly TestSeries[]): Promise<void> => {
  const response = await remoteWrite(collector.url, writeRequest(list));
  expect([response.status, await response.text()]).toEqual([204, ""]);
};
const both = (step: number, handshake: number, reused: number, more = {}) =>
  send(series("handshake", [[step, handshake]], more), series("session_reused", [[step, reused]], more));

it("counts increases of totals by outcome, the first reading being where they stand", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await both(2, 1_030, 616);
  expect(await totalsOf(collector)).toEqual({ full: 14, resumed: 16 });
  expect(await collector.store.readSources(1)).toMatchObject([
    { source: "envoy-stats", transport: "remote_write", sender: "edge-1:9901", rejected: 0 },
  ]);
  const nowMs = Date.now();
  const segments = await collector.store.readSegments(1, { fromMs: startMs, toMs: nowMs, limit: 5 });
  expect(segments).toMatchObject([
    { node: "edge-1", endpoint: "0.0.0.0_8443", source: "envoy-stats", handshakes: 30 },
  ]);
});

it("counts a retry once, also one that comes after newer samples", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await both(2, 1_030, 616);
  await both(1, 1_010, 606);
  await both(2, 1_030, 616);
  expect(await totalsOf(collector)).toEqual({ full: 14, resumed: 16 });
});

it("puts a scrape together that was cut into several requests", async () => {
  for (const [step, handshake, reused] of [
    [0, 1_000, 600],
    [1, 1_010, 606],
    [2, 1_030, 616],
    [3, 1_030, 616],
  ] as const) {
    await send(series("handshake", [[step, handshake]]));
    await send(series("session_reused", [[step, reused]]));
  }
  expect(await totalsOf(collector)).toEqual({ full: 14, resumed: 16 });
  expect((await collector.store.readSources(1))[0]?.breaches).toEqual([]);
});

it("takes a backlog with many samples of each series, also right after a restart", async () => {
  const backlog = async (from: number): Promise<void> => {
    const steps = Array.from({ length: 10 }, (_, index) => from + index);
    const handshakes = steps.map((step) => [step, 100 + step * 5] as const);
    const resumptions = steps.map((step) => [step, 50 + step * 2] as const);
    await send(series("handshake", handshakes));
    await send(series("session_reused", resumptions));
  };
  await backlog(0);
  await both(10, 150, 70);
  expect(await totalsOf(collector)).toEqual({ full: 30, resumed: 20 });
  await collector.close();
  collector = await startCollector({ dataDir: collector.dataDir });
  await backlog(11);
  expect(await totalsOf(collector)).toEqual({ full: 60, resumed: 40 });
});

it("knows a restart of the sender, and counts from zero then", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await both(2, 8, 3);
  await both(3, 10, 4);
  expect(await totalsOf(collector)).toEqual({ full: 4 + 5 + 1, resumed: 6 + 3 + 1 });
});

it("keeps processes apart, and counts what two Prometheus servers send alike once", async () => {
  for (const [step, total] of [
    [0, 100],
    [1, 110],
    [2, 120],
  ] as const) {
    await both(step, total, 0, { prometheus_replica: "a" });
    await both(step, total, 0, { prometheus_replica: "b" });
    await both(step, total * 2, 0, { instance: "edge-2:9901" });
  }
  expect(await totalsOf(collector)).toEqual({ full: 20 + 40 });
});

it("goes on after a restart of the collector, counting nothing twice", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await collector.close();
  collector = await startCollector({ dataDir: collector.dataDir });
  await both(1, 1_010, 606);
  await both(2, 1_030, 616);
  await both(3, 1_040, 616);
  expect(await totalsOf(collector)).toEqual({ full: 24, resumed: 16 });
});

it("ignores staleness markers and series that nobody counts", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await send(series("handshake", [[2, Number.NaN]]), series("session_reused", [[2, Number.NaN]]), {
    labels: { __name__: "node_cpu_seconds_total", instance: "edge-1:9100" },
    samples: [[at(2), 12.5]],
  });
  await both(3, 1_012, 607);
  expect(await totalsOf(collector)).toEqual({ full: 5, resumed: 7 });
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  expect(metrics).toContain('reprise_ingest_events_total{source="remote_write",result="ignored"} 3');
});

it("refuses, sample by sample, what no counter says, and tells of it", async () => {
  await both(0, 1_000, 600);
  await both(1, 1_010, 606);
  await send(series("handshake", [[2, -5]]), {
    ...series("handshake", []),
    samples: [[Date.now() + 3_600_000, 5]],
  });
  expect(await totalsOf(collector)).toEqual({ full: 4, resumed: 6 });
  const [source] = await collector.store.readSources(1);
  expect(source).toMatchObject({ rejected: 2 });
  expect(source?.rejections.map(({ reason }) => reason).sort()).toEqual([
    "a counter is below zero",
    "ts lies more than 300 s in the future",
  ]);
});

it.each([
  [{ "x-prometheus-remote-write-version": "2.0.0" }, 415, "remote write 1.0"],
  [
    { "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" },
    415,
    "remote write 1.0",
  ],
  [{ "content-type": "application/json" }, 415, "application/x-protobuf"],
  [{ "content-encoding": "gzip" }, 415, "snappy"],
])("says what it takes: %o", async (headers, status, words) => {
  const response = await remoteWrite(collector.url, writeRequest([]), headers);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(words);
});

it("refuses unreadable bodies for good, and bodies that would be too large before they are", async () => {
  const post = (body: Uint8Array<ArrayBuffer>) =>
    fetch(`${collector.url}/api/v1/write`, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
    });
  expect((await post(Uint8Array.of(1, 2, 3, 4))).status).toBe(400);
  expect((await remoteWrite(collector.url, Uint8Array.of(0x0a, 0x7f, 1))).status).toBe(400);
  // 4 GiB, as the length in front says.
  expect((await post(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0))).status).toBe(413);
  // A literal whose length leads back to itself: some decoders never return.
  expect((await post(Uint8Array.of(1, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0))).status).toBe(400);
  expect((await fetch(`${collector.url}/api/v1/write`)).status).toBe(405);
});

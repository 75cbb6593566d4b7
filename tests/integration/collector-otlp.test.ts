import { gzipSync } from "node:zlib";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startCollector, type TestCollector, totalsOf } from "../support/collector.ts";
import { CUMULATIVE, DELTA, logsRequest, otlp, sumRequest, type TestPoint } from "../support/otlp.ts";

let collector: TestCollector;
let nowMs: number;
beforeEach(async () => {
  collector = await startCollector();
  nowMs = Date.now();
});
afterEach(() => collector.destroy());

const RESOURCE = {
  "service.name": "shop.example",
  "host.name": "edge-1",
  "cloud.region": "eu-west",
  "service.instance.id": "627cc493-f310-47de-96bd-71410b7dec09",
};
const segments = () =>
  collector.store.readSegments(1, { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000, limit: 9 });

describe("metrics", () => {
  const NAME = "grpc.server.tls.handshakes";
  const labels = (resumed: string, result = "SUCCESS") => ({
    "grpc.tls.handshake.result": result,
    "grpc.tls.handshake.resumed": resumed,
  });
  const totals = (atMs: number, full: number, resumed: number, startMs = nowMs - 600_000): TestPoint[] => [
    { atMs, startMs, value: full, attributes: labels("FULL_HANDSHAKE") },
    { atMs, startMs, value: resumed, attributes: labels("RESUMED_HANDSHAKE") },
  ];
  const send = async (points: readonly TestPoint[], temporality = CUMULATIVE) => {
    const response = await otlp(
      `${collector.url}/v1/metrics`,
      sumRequest(RESOURCE, { name: NAME, temporality, points }),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    return new Uint8Array(await response.arrayBuffer());
  };

  it("counts cumulative sums once, however often they come", async () => {
    expect(await send(totals(nowMs - 60_000, 100, 400))).toEqual(new Uint8Array());
    await send(totals(nowMs - 40_000, 104, 411));
    await send(totals(nowMs - 40_000, 104, 411));
    await send(totals(nowMs - 20_000, 105, 420));
    await send(totals(nowMs - 40_000, 104, 411));
    expect(await totalsOf(collector)).toEqual({ full: 5, resumed: 20 });
    expect(await segments()).toMatchObject([
      { node: "edge-1", region: "eu-west", endpoint: "shop.example", source: "grpc-otel" },
    ]);
    expect(await collector.store.readSources(1)).toMatchObject([{ transport: "otlp", sender: "edge-1" }]);
  });

  it("knows a restart by the start time, though totals did not fall", async () => {
    await send(totals(nowMs - 60_000, 3, 3));
    await send(totals(nowMs - 20_000, 4, 3, nowMs - 50_000));
    expect(await totalsOf(collector)).toEqual({ full: 4, resumed: 3 });
  });

  it("counts increases (delta) once, and failures with what is known of them", async () => {
    const delta = (atMs: number, value: number): TestPoint => ({
      atMs,
      startMs: atMs - 10_000,
      value,
      attributes: { "grpc.tls.handshake.result": "CERTIFICATE_EXPIRED" },
    });
    await send([delta(nowMs - 30_000, 7)], DELTA);
    await send([delta(nowMs - 20_000, 2)], DELTA);
    await send([delta(nowMs - 20_000, 2)], DELTA);
    const completed = { ...delta(nowMs - 20_000, 5), attributes: { "grpc.tls.handshake.result": "SUCCESS" } };
    await send([completed], DELTA);
    expect(await totalsOf(collector)).toEqual({ failed: 9, unknown: 5 });
    // Each interval begins later than the one before: no sign that anything was started again.
    const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000, limit: 9 };
    expect(await collector.store.readChanges(1, window)).toEqual([]);
  });

  it("takes the counters of a proxy that the Collector scraped", async () => {
    const envoy = (counter: string, atMs: number, value: number) =>
      otlp(
        `${collector.url}/v1/metrics`,
        sumRequest(
          { "service.name": "envoy", "service.instance.id": "edge-2:9901" },
          {
            name: `envoy_listener_ssl_${counter}`,
            temporality: CUMULATIVE,
            points: [{ atMs, value, attributes: { envoy_listener_address: "0.0.0.0_8443" } }],
          },
        ),
      );
    for (const [atMs, value] of [
      [nowMs - 40_000, 10],
      [nowMs - 20_000, 18],
    ] as const) {
      await envoy("handshake", atMs, value);
      // Without the resumed ones nobody could tell which were full.
      expect(await totalsOf(collector)).toEqual({});
      await envoy("session_reused", atMs, value / 2);
    }
    expect(await totalsOf(collector)).toEqual({ full: 4, resumed: 4 });
    expect(await segments()).toMatchObject([{ node: "edge-2", source: "envoy-stats" }]);
  });

  it("takes an SDK's JSON, and answers in JSON what it refused of it", async () => {
    const start = String(BigInt(nowMs - 600_000) * 1_000_000n);
    const point = (atMs: number, value: string, kind: string) => ({
      attributes: [
        { key: "grpc.tls.handshake.result", value: { stringValue: "SUCCESS" } },
        { key: "grpc.tls.handshake.resumed", value: { stringValue: kind } },
      ],
      startTimeUnixNano: start,
      timeUnixNano: atMs === 0 ? "0" : String(BigInt(atMs) * 1_000_000n),
      asInt: value,
    });
    // As @opentelemetry/exporter-metrics-otlp-http sends it.
    const body = (atMs: number, value: string) =>
      JSON.stringify({
        resourceMetrics: [
          {
            resource: {
              attributes: [
                { key: "service.name", value: { stringValue: "shop.example" } },
                { key: "telemetry.sdk.language", value: { stringValue: "nodejs" } },
                { key: "process.pid", value: { intValue: 7 } },
                { key: "process.command_args", value: { arrayValue: { values: [{ stringValue: "a" }] } } },
              ],
              droppedAttributesCount: 0,
            },
            scopeMetrics: [
              {
                scope: { name: "grpc-js", version: "1.13.0" },
                metrics: [
                  {
                    name: NAME,
                    description: "",
                    unit: "{handshake}",
                    sum: {
                      aggregationTemporality: 2,
                      isMonotonic: true,
                      dataPoints: [
                        point(atMs, value, "RESUMED_HANDSHAKE"),
                        point(0, value, "FULL_HANDSHAKE"),
                      ],
                    },
                  },
                  {
                    name: "http.server.request.duration",
                    unit: "s",
                    histogram: {
                      aggregationTemporality: 2,
                      dataPoints: [{ startTimeUnixNano: start, timeUnixNano: start, count: 3, sum: 0.5 }],
                    },
                  },
                ],
              },
            ],
          },
        ],
      });
    await otlp(`${collector.url}/v1/metrics`, body(nowMs - 40_000, "5"));
    const response = await otlp(`${collector.url}/v1/metrics`, body(nowMs - 20_000, "12"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedDataPoints: "1", errorMessage: "time_unix_nano is missing" },
    });
    expect(await totalsOf(collector)).toEqual({ resumed: 7 });
  });
});

describe("logs", () => {
  const send = async (body: Uint8Array<ArrayBuffer> | string, headers = {}) => {
    const response = await otlp(`${collector.url}/v1/logs`, body, headers);
    expect(response.status).toBe(200);
    return response;
  };

  it("counts records with the conventions' attributes, and each push once", async () => {
    const at = nowMs - 5_000;
    const tls = (more: Record<string, string | number | boolean>, atMs = at) => ({
      atMs,
      attributes: { "server.address": "api.example", "tls.established": true, ...more },
    });
    const body = logsRequest(RESOURCE, [
      tls({ "tls.resumed": true, "tls.protocol.version": "1.3", "reprise.tls.handshake_us": 900 }),
      tls({ "tls.resumed": true, "tls.protocol.version": "1.2", "reprise.tls.mechanism": "ticket" }, at + 1),
      tls({ "tls.resumed": false, "tls.protocol.version": "1.3", "reprise.tls.offer": "psk" }, at + 2),
      tls({ "tls.established": false, "error.type": "unknown_ca" }, at + 3),
      tls({ "tls.protocol.version": "1.3" }, at + 4),
      { atMs: at, body: "server started", attributes: { "code.function": "main" } },
    ]);
    await send(body);
    await send(body);
    await send(gzipSync(body) as Uint8Array<ArrayBuffer>, { "content-encoding": "gzip" });
    expect(await totalsOf(collector)).toEqual({ full: 1, resumed: 2, failed: 1, unknown: 1 });
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "otlp", transport: "otlp", sender: "edge-1", accepted: 5, rejected: 0 },
    ]);
    const [segment] = await segments();
    expect(segment).toMatchObject({ endpoint: "api.example", node: "edge-1", region: "eu-west" });
  });

  it("counts a push once over a restart of the collector", async () => {
    const body = logsRequest(RESOURCE, [{ atMs: nowMs, attributes: { "tls.resumed": true } }]);
    await send(body);
    await collector.close();
    collector = await startCollector({ dataDir: collector.dataDir });
    await send(body);
    expect(await totalsOf(collector)).toEqual({ resumed: 1 });
  });

  it("names no sender by what can be no name", async () => {
    const resource = { ...RESOURCE, "host.name": "n".repeat(100_000) };
    await send(logsRequest(resource, [{ atMs: nowMs, attributes: { "tls.resumed": true } }]));
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "otlp", sender: "shop.example", accepted: 0, rejected: 1 },
    ]);
  });

  it("reads lines of a known log, one connection once, over pushes", async () => {
    const line = (connection: number, request: number) =>
      JSON.stringify({
        msec: (nowMs / 1000).toFixed(3),
        pid: 7,
        connection,
        connection_requests: request,
        ssl_protocol: "TLSv1.3",
        ssl_session_reused: "r",
        ssl_server_name: "shop.example",
      });
    const record = (body: string, attributes = {}) => ({ observedMs: nowMs, body, attributes });
    await send(
      logsRequest(RESOURCE, [
        record(line(1, 1), { "reprise.source": "nginx" }),
        record(line(1, 2), { "reprise.source": "nginx" }),
        record(line(2, 1)),
      ]),
    );
    await send(logsRequest(RESOURCE, [record(`${line(2, 2)}\n`), record(line(3, 1))]));
    expect(await totalsOf(collector)).toEqual({ resumed: 3 });
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "nginx", transport: "otlp", sender: "edge-1", accepted: 3 },
    ]);
  });

  it("says what it refused of a push, and takes the rest", async () => {
    const response = await send(
      logsRequest(RESOURCE, [
        { atMs: nowMs, attributes: { "tls.resumed": true } },
        { atMs: nowMs, attributes: { "tls.resumed": true, "reprise.tls.mechanism": "magic" } },
        { atMs: nowMs, body: "x", attributes: { "reprise.source": "iis" } },
      ]),
    );
    const reader = new BinaryReader(new Uint8Array(await response.arrayBuffer()));
    expect(reader.tag()).toEqual([1, 2]);
    reader.uint32();
    expect([reader.tag(), Number(reader.int64())]).toEqual([[1, 0], 2]);
    expect([reader.tag(), reader.string()]).toEqual([
      [2, 2],
      'mechanism must be one of session_id, ticket, psk, not "magic"',
    ]);
    expect(await totalsOf(collector)).toEqual({ resumed: 1 });
  });

  it("takes an SDK's JSON", async () => {
    // As @opentelemetry/exporter-logs-otlp-http sends it.
    const response = await send(
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: "host.name", value: { stringValue: "edge-3" } }] },
            scopeLogs: [
              {
                scope: { name: "tls" },
                logRecords: [
                  {
                    timeUnixNano: `${nowMs}000000`,
                    observedTimeUnixNano: `${nowMs}000000`,
                    severityNumber: 9,
                    severityText: "INFO",
                    eventName: "tls.handshake",
                    body: { stringValue: "handshake" },
                    attributes: [
                      { key: "tls.resumed", value: { boolValue: true } },
                      { key: "tls.protocol.name", value: { stringValue: "tls" } },
                      { key: "tls.protocol.version", value: { stringValue: "3" } },
                    ],
                    droppedAttributesCount: 0,
                    traceId: "5B8EFFF798038103D269B633813FC60C",
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    expect(await response.json()).toEqual({});
    expect(await totalsOf(collector)).toEqual({ resumed: 1 });
    expect(await segments()).toMatchObject([{ node: "edge-3", protocol: "TLSv1.3" }]);
  });
});

describe("refusals", () => {
  it("answers nothing to nothing, and bad data with a Status in the sender's encoding", async () => {
    const url = `${collector.url}/v1/logs`;
    const empty = await otlp(url, new Uint8Array());
    expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0]);
    const protobuf = await otlp(url, Uint8Array.of(0x0a, 0x50, 1));
    expect(protobuf.status).toBe(400);
    const reader = new BinaryReader(new Uint8Array(await protobuf.arrayBuffer()));
    expect([reader.tag(), reader.int32(), reader.tag(), reader.string()]).toEqual([
      [1, 0],
      3,
      [2, 2],
      "the body is no readable protobuf: premature EOF",
    ]);
    for (const body of ["[1]", "{", '{"resourceLogs":{}}', '{"resourceLogs":[1]}']) {
      const json = await otlp(url, body);
      expect(json.status).toBe(400);
      expect(await json.json()).toMatchObject({ code: 3, message: expect.any(String) });
    }
    expect((await otlp(url, "x", { "content-type": "text/plain" })).status).toBe(415);
  });

  it("answers 429 with Retry-After while the queue is full", async () => {
    await collector.destroy();
    collector = await startCollector({ maxQueuedEvents: 0 });
    const response = await otlp(`${collector.url}/v1/metrics`, "{}");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await response.json()).toMatchObject({ code: 8 });
  });
});

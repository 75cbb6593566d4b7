import { compress } from "snappyjs";
import { Counters } from "../../collector/counters/counters.ts";
import { PointPushes } from "../../collector/counters/push.ts";
import { type Intake, replyOf } from "../../collector/pipeline/intake.ts";
import type { Pipeline } from "../../collector/pipeline/pipeline.ts";
import { Formats } from "../../collector/sources/formats/configured.ts";
import { METRIC_SOURCES } from "../../collector/sources/metric-registry.ts";
import { HttpProblem } from "../../collector/transports/body.ts";
import { OtlpLogsRoute } from "../../collector/transports/otlp/logs-route.ts";
import { LOGS_REQUEST, METRICS_REQUEST } from "../../collector/transports/otlp/messages.ts";
import { OtlpMetricsRoute } from "../../collector/transports/otlp/metrics-route.ts";
import type { ProtoMessage } from "../../collector/transports/protobuf.ts";
import type { PushRoute } from "../../collector/transports/push-route.ts";
import { RemoteWriteRoute } from "../../collector/transports/remote-write/route.ts";
import { unsnap } from "../../collector/transports/remote-write/snappy.ts";
import { openGrant } from "../../lib/domain/source-token.ts";
import { makeMetrics } from "../../lib/runtime/metrics.ts";
import { readSettings } from "../../lib/runtime/settings.ts";
import { fuzz } from "./fuzz.ts";
import { checkIntake, NOW, WINDOW } from "./promises.ts";
import { encodeProtobuf } from "./protobuf.ts";
import { writtenLines } from "./seeds.ts";

const settings = { ...readSettings({}), ...WINDOW };
const NS = 1_000_000n;
const metrics = makeMetrics();

/** Stands where intakes become durable, and looks at each. */
const pipeline = {
  submit: async (intake: Intake) => {
    checkIntake(intake);
    return replyOf(intake);
  },
} as unknown as Pipeline;

function points(): PointPushes {
  const counters = new Counters({ pipeline, states: [], clock: () => NOW, settings });
  return new PointPushes({ counters, sources: METRIC_SOURCES, clock: () => NOW, metrics, settings });
}

/** A refusal is an answer; anything else that is thrown is a fault of ours. */
function pushing(route: PushRoute, headers: Record<string, string>): (body: Buffer) => Promise<void> {
  return async (body) => {
    try {
      await route.accept({ headers, query: new URLSearchParams("node=edge-1"), body, grant: openGrant(1) });
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status >= 500) throw error;
      route.refusal(error, headers);
    }
  };
}

const LABELS: ProtoMessage = { 1: { name: "name", type: "string" }, 2: { name: "value", type: "string" } };
const WRITE_REQUEST: ProtoMessage = {
  1: {
    name: "timeseries",
    repeated: true,
    type: {
      1: { name: "labels", repeated: true, type: LABELS },
      2: {
        name: "samples",
        repeated: true,
        type: { 1: { name: "value", type: "double" }, 2: { name: "timestamp", type: "int64" } },
      },
    },
  },
};
const NAMES = [
  "haproxy_frontend_ssl_sess_total",
  "haproxy_frontend_ssl_reused_sess_total",
  "haproxy_frontend_ssl_failed_handshake_total",
  "envoy_listener_ssl_handshake",
  "envoy_listener_ssl_session_reused",
  "proxy_process_ssl_total_success_handshake_count_in",
  "up",
];
const series = (atMs: number, value: number) =>
  NAMES.map((name) => ({
    labels: Object.entries({ __name__: name, instance: "edge-1:9101", job: "tls", proxy: "https" }).map(
      ([label, text]) => ({ name: label, value: text }),
    ),
    samples: [{ value, timestamp: BigInt(atMs) }],
  }));
const writes = [1, 2, 3].map((n) =>
  encodeProtobuf(
    { timeseries: [...series(NOW - n * 15_000, 100 * n), ...series(NOW, 1_000)] },
    WRITE_REQUEST,
  ),
);
const remoteWrite = (): ((body: Buffer) => Promise<void>) =>
  pushing(new RemoteWriteRoute({ points: points(), states: [], clock: () => NOW, settings }), {
    "content-type": "application/x-protobuf",
  });

fuzz({
  name: "remote-write-block",
  kind: "bytes",
  seeds: writes.map((body) => Buffer.from(compress(body))),
  start: remoteWrite,
});
fuzz({
  name: "remote-write-message",
  kind: "bytes",
  seeds: writes,
  start: () => {
    const take = remoteWrite();
    return (input) => take(Buffer.from(compress(input)));
  },
});
fuzz({
  name: "snappy",
  kind: "bytes",
  seeds: [...writes, Buffer.alloc(70_000, "abcdefg"), Buffer.from("x")].map((body) =>
    Buffer.from(compress(body)),
  ),
  start: () => (input) => {
    try {
      if (unsnap(input, 1_000_000).length > 1_000_000) throw new Error("longer than it may be");
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
    }
  },
});

const attributes = (pairs: Record<string, string>) =>
  Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const resource = {
  attributes: attributes({ "service.name": "shop", "host.name": "edge-1", "cloud.region": "eu" }),
};
const point = (value: number, more: object = {}) => ({
  startTimeUnixNano: BigInt(NOW - 60_000) * NS,
  timeUnixNano: BigInt(NOW) * NS,
  asDouble: value,
  attributes: attributes({
    proxy: "https",
    "grpc.tls.handshake.result": "SUCCESS",
    "grpc.tls.handshake.resumed": "true",
  }),
  ...more,
});
const metricsRequest = {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          metrics: [
            {
              name: "haproxy_frontend_ssl_sess_total",
              sum: { dataPoints: [point(12)], aggregationTemporality: 2, isMonotonic: true },
            },
            {
              name: "haproxy_frontend_ssl_reused_sess_total",
              sum: { dataPoints: [point(7)], aggregationTemporality: 2, isMonotonic: true },
            },
            {
              name: "grpc.server.tls.handshakes",
              sum: { dataPoints: [point(3)], aggregationTemporality: 1, isMonotonic: true },
            },
            { name: "a.gauge", gauge: { dataPoints: [point(1)] } },
            {
              name: "a.histogram",
              histogram: { dataPoints: [{ ...point(0), count: 5n }], aggregationTemporality: 1 },
            },
          ],
        },
      ],
    },
  ],
};
const records = writtenLines("otlp").map((line) => JSON.parse(line) as Record<string, unknown>);
const logsRequest = {
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          logRecords: [
            ...records,
            { timeUnixNano: String(BigInt(NOW) * NS), body: { stringValue: writtenLines("native")[0] } },
            {
              body: { stringValue: "a line of nobody" },
              attributes: attributes({ "reprise.source": "nginx" }),
            },
          ],
        },
      ],
    },
  ],
};

const json = (value: unknown): Buffer =>
  Buffer.from(JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each)));
const ENCODINGS = { protobuf: "application/x-protobuf", json: "application/json" } as const;

for (const [encoding, type] of Object.entries(ENCODINGS)) {
  const kind = encoding === "json" ? "text" : "bytes";
  fuzz({
    name: `otlp-metrics-${encoding}`,
    kind,
    seeds: [encoding === "json" ? json(metricsRequest) : encodeProtobuf(metricsRequest, METRICS_REQUEST)],
    start: () => pushing(new OtlpMetricsRoute(points()), { "content-type": type }),
  });
  fuzz({
    name: `otlp-logs-${encoding}`,
    kind,
    seeds: [encoding === "json" ? json(logsRequest) : encodeProtobuf(logsRequest, LOGS_REQUEST)],
    start: () => {
      const store = { findBatch: async () => null };
      const formats = Formats.compile([], "");
      const options = { tenant: 1, pipeline, store, clock: () => NOW, metrics, formats, settings };
      return pushing(new OtlpLogsRoute(options), { "content-type": type });
    },
  });
}

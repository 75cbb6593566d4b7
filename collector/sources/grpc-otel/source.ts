import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { instanceOf, observationsOf } from "../metric-points.ts";
import { counted } from "../metric-result.ts";
import type { MetricDefaults, MetricPoint, MetricSource, Placement } from "../metric-source.ts";
import { parsePrometheusText } from "../prometheus-text.ts";

/** `grpc.server.tls.handshakes`, and as the Prometheus exporter writes it: `grpc_server_tls_handshakes_total`. */
const NAME = /^grpc[._](client|server)[._]tls[._]handshakes(?:_total)?$/;
/** Results and kinds of resumption as the proposal writes its own; others are none of gRPC's. */
const WORD = /^[A-Z_]{0,64}$/;
const SUCCESS = "SUCCESS";
/** Successes by `grpc.tls.handshake.resumed`; without it they are completed, full or resumed not known. */
const SUCCESSES: Readonly<Record<string, string>> = { FULL_HANDSHAKE: "full", RESUMED_HANDSHAKE: "resumed" };

/**
 * gRPC's TLS handshake counters (grpc/proposal A118-tls-telemetry.md, experimental): one counter a side, split by result
 * and, where the application asks for the optional label, by full or resumed.
 */
export const grpcOtelSource: MetricSource = {
  name: "grpc-otel",
  title: "gRPC (OpenTelemetry metrics)",
  system: "grpc",
  capabilities: counterCapabilities({
    outcome: "partly",
    failures: "yes",
    notes: [
      "Full or resumed is known only where the application turns on the optional label grpc.tls.handshake.resumed; else handshakes are completed, and no more.",
      "Clients and servers both count: a handshake between two instrumented programs is counted on each of their nodes. The endpoint of a client is its grpc.target, that of a server its service.name.",
      "Over OTLP choose cumulative temporality: a total makes up for pushes that got lost or came out of order, an increase (delta) does not.",
      "The metrics are experimental in gRPC, and off by default.",
    ],
  }),
  configurations: [
    {
      title: "OpenTelemetry SDK (environment of the program)",
      transport: "otlp",
      language: "bash",
      text: `export OTEL_METRICS_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_METRICS_ENDPOINT={{collector}}/v1/metrics
export OTEL_EXPORTER_OTLP_METRICS_HEADERS="Authorization=Bearer%20{{token}}"
export OTEL_RESOURCE_ATTRIBUTES="service.name=shop.example,host.name=$(hostname),cloud.region=eu-west"
# In the program: gRPC's OpenTelemetry plugin with the metrics grpc.client.tls.handshakes and
# grpc.server.tls.handshakes turned on, and the optional label grpc.tls.handshake.resumed.`,
    },
    scrapeConfiguration("grpc-otel", "http://127.0.0.1:9464/metrics"),
    remoteWriteConfiguration("grpc_(client|server)_tls_handshakes_total"),
  ],
  read(body, at) {
    const text = parsePrometheusText(body, { atMs: at.atMs, wanted: (name) => NAME.test(name) });
    if (!text.ok) return text;
    const observations = observationsOf(text.points, place, at);
    return observations.length > 0
      ? { ok: true, observations }
      : { ok: false, reason: "no grpc_*_tls_handshakes_total in it: are the metrics turned on?" };
  },
  place,
  interpret: ({ full = 0, resumed = 0, completed = 0, failed = 0 }) => ({
    handshakes: [
      ...counted("full", full),
      ...counted("resumed", resumed),
      ...counted(null, completed),
      ...counted("failed", failed),
    ],
    breaches: [],
  }),
};

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const side = NAME.exec(point.name)?.[1];
  if (side === undefined) return null;
  const label = (name: string): string => point.labels[name] ?? point.labels[name.replaceAll(".", "_")] ?? "";
  const result = label("grpc.tls.handshake.result");
  const resumed = label("grpc.tls.handshake.resumed");
  if (result === "" || !WORD.test(result) || !WORD.test(resumed)) return null;
  const target = label("grpc.target");
  const { node, prefix } = instanceOf(point.labels, defaults);
  // Every series is a scope of its own: they begin one by one, and need nothing of each other.
  const parts = [
    side,
    target,
    label("grpc.lb.locality"),
    label("grpc.lb.backend_service"),
    result === SUCCESS ? "" : result,
    resumed,
  ];
  return {
    scope: `${prefix}${parts.filter((part) => part !== "").join(" ")}`,
    endpoint: side === "client" ? target || defaults.endpoint : defaults.endpoint,
    node,
    protocol: null,
    counter: result === SUCCESS ? (SUCCESSES[resumed] ?? "completed") : "failed",
    gauge: false,
  };
}

import { numberOf, objectOf, textOf } from "../fields.ts";
import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { instanceOf, observationsOf } from "../metric-points.ts";
import { completedWithResumed } from "../metric-result.ts";
import type {
  MetricDefaults,
  MetricPoint,
  MetricSource,
  Placement,
  ReadAt,
  ReadResult,
} from "../metric-source.ts";
import { parsePrometheusText } from "../prometheus-text.ts";

const COUNTERS =
  "handshake|session_reused|connection_error|fail_verify_no_cert|fail_verify_error|fail_verify_san|fail_verify_cert_hash";
/** Whole names: `listener.0.0.0.0_8443.ssl.handshake`, behind a prefix in statsd. */
const DOTTED = new RegExp(`^(?:[\\w-]{1,64}\\.){0,4}?listener\\.(.{1,253})\\.ssl\\.(${COUNTERS})$`);
/** Names whose listener is a label: `envoy_listener_ssl_handshake`, `envoy.listener.ssl.handshake`. */
const LABELLED = new RegExp(`^(?:\\w{1,64}[._])?listener[._]ssl[._](${COUNTERS})(?:_total)?$`);

/** The statistics of Envoy's listeners (source/common/tls/stats.h): all successes, and the resumed ones among them. */
export const envoyStatsSource: MetricSource = {
  name: "envoy-stats",
  title: "Envoy statistics",
  system: "envoy",
  together: [["handshake", "session_reused"]],
  capabilities: counterCapabilities({
    outcome: "yes",
    failures: "partly",
    notes: [
      "ssl.handshake counts every successful handshake of a listener and ssl.session_reused those that resumed; there are no statistics of tickets.",
      "Failed: ssl.connection_error and ssl.fail_verify_*. connection_error also counts TLS errors after the handshake; with trust_chain_verification ACCEPT_UNTRUSTED, fail_verify_error counts handshakes that were let through.",
      "Connections that a client closes or resets during the handshake are in no statistic.",
      "Leave usedonly out of the address: without ssl.session_reused at 0 nobody could tell full handshakes from resumed ones.",
      "Handshakes towards upstreams (cluster.*.ssl) are not read.",
      "The endpoint is the listener's address or stat_prefix unless the target names one.",
    ],
  }),
  configurations: [
    {
      title: "Open the admin interface for reading",
      transport: "scrape",
      language: "yaml",
      text: `# envoy.yaml
admin:
  address:
    socket_address: { address: 127.0.0.1, port_value: 9901 }`,
    },
    scrapeConfiguration(
      "envoy-stats",
      `"http://127.0.0.1:9901/stats?format=json&filter=^listener[.].*[.]ssl[.]"`,
    ),
    {
      title: "Sent by Envoy (statsd)",
      transport: "statsd",
      language: "yaml",
      text: `# envoy.yaml
stats_flush_interval: 10s
stats_sinks:
  - name: envoy.stat_sinks.statsd
    typed_config:
      "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink
      address:
        socket_address: { protocol: UDP, address: {{statsd_host}}, port_value: {{statsd_port}} }`,
    },
    remoteWriteConfiguration(`envoy_listener_ssl_(${COUNTERS})`),
  ],
  read,
  place,
  interpret: (increases) => {
    const { handshake = 0, session_reused = 0, connection_error = 0 } = increases;
    const unverified = ["no_cert", "error", "san", "cert_hash"].map(
      (cause) => increases[`fail_verify_${cause}`] ?? 0,
    );
    const failed = unverified.reduce((sum, count) => sum + count, connection_error);
    return completedWithResumed({ completed: handshake, resumed: session_reused, failed });
  },
};

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const [, dotted, dottedCounter] = DOTTED.exec(point.name) ?? [];
  const [, labelledCounter] = LABELLED.exec(point.name) ?? [];
  const { labels } = point;
  const listener = dotted ?? labels.envoy_listener_address ?? labels["envoy.listener_address"];
  const counter = dottedCounter ?? labelledCounter;
  if (counter === undefined || !listener) return null;
  const { node, prefix } = instanceOf(labels, defaults);
  const endpoint = defaults.endpoint ?? listener;
  return { scope: `${prefix}listener ${listener}`, endpoint, node, protocol: null, counter, gauge: false };
}

function read(body: string, at: ReadAt): ReadResult {
  const points = pointsOf(body, at.atMs);
  if (typeof points === "string") return { ok: false, reason: points };
  const observations = observationsOf(points, place, at);
  return observations.length > 0
    ? { ok: true, observations }
    : { ok: false, reason: "no listener.*.ssl statistics in it: is there a listener with TLS?" };
}

/** The points of `/stats?format=json`, `/stats` or `/stats/prometheus`; a reason where the body is none of them. */
function pointsOf(body: string, atMs: number): readonly MetricPoint[] | string {
  const start = body.trimStart();
  const point = (name: string, value: number): MetricPoint => ({
    name,
    value,
    atMs,
    labels: {},
    kind: "total",
    startedMs: null,
  });
  if (start.startsWith("{")) {
    const stats = objectOf(start)?.stats;
    if (!Array.isArray(stats)) return "not the JSON of /stats?format=json";
    return stats.flatMap((item: { name?: unknown; value?: unknown } | null) => {
      const [name, value] = [textOf(item?.name), numberOf(item?.value)];
      return name === null || value === null ? [] : [point(name, value)];
    });
  }
  if (start.startsWith("#") || start.startsWith("envoy_")) {
    const text = parsePrometheusText(body, { atMs, wanted: (name) => LABELLED.test(name) });
    return text.ok ? text.points : text.reason;
  }
  return [...body.matchAll(/^(\S{1,400}): (\d+)\r?$/gm)].map(([, name = "", value]) =>
    point(name, Number(value)),
  );
}

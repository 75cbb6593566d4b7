import type { CacheSample } from "../../../lib/domain/handshake.ts";
import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { instanceOf, observationsOf } from "../metric-points.ts";
import { cacheSample } from "../metric-result.ts";
import type {
  MetricDefaults,
  MetricPoint,
  MetricSource,
  Observation,
  Placement,
  ReadAt,
  ReadResult,
} from "../metric-source.ts";
import { parsePrometheusText } from "../prometheus-text.ts";
import { CACHE_NAMES, interpret, NAMES, TOGETHER } from "./interpret.ts";

const known: ReadonlySet<string> = new Set(NAMES);
const PREFIX = /^proxy[._]process[._]ssl[._]/;
/** `"proxy.process.ssl.x": "5"` of stats_over_http (whose JSON ends in a comma too many) and `proxy.process.ssl.x 5`. */
const METRIC = /"?(proxy\.process\.ssl\.\w{1,80})"?(?:\s*:\s*|[ \t]+)"?(\d{1,16})\b/g;

/** The TLS metrics of Apache Traffic Server 9 and newer. */
export const atsStatsSource: MetricSource = {
  name: "ats-stats",
  title: "Apache Traffic Server statistics",
  system: "ats",
  keepsCounters: true,
  together: [TOGETHER],
  capabilities: counterCapabilities({
    outcome: "yes",
    mechanism: "partly",
    rejectionReason: "partly",
    failures: "partly",
    cache: "yes",
    keyRotation: "yes",
    notes: [
      "total_tickets_verified counts resumptions by ticket and by PSK alike, so their mechanism is unknown; hits of the session cache resumed by session id.",
      "total_tickets_not_found are tickets under a key that no node's ring holds (unknown_key). Misses of the session cache are cache_miss; with tickets off they hold TLS 1.3 stateful sessions as well, which ATS does not resume.",
      "A ticket that was decrypted but had expired counts as verified, though its handshake was full.",
      "user_agent_sessions and user_agent_session_hit count once for each name of the certificate and start again at a reload: they are not read.",
      "ATS 9 keeps its counters over a restart and loses the last seconds, so a counter that fell is a new baseline; where a version starts from zero, what it counted up to the next reading is not seen.",
      "stats_over_http lags some seconds behind; failures are those with a TLS error, not connections that were closed or timed out.",
      "One set of counters for all endpoints of the node: name the endpoint at the target where there is one.",
    ],
  }),
  configurations: [
    {
      title: "Load stats_over_http",
      transport: "scrape",
      language: "text",
      text: `# plugin.config
stats_over_http.so _stats`,
    },
    scrapeConfiguration("ats-stats", "http://127.0.0.1:8080/_stats"),
    remoteWriteConfiguration(
      "proxy_process_ssl_(total_success_handshake_count_in|total_tickets_.+|total_ticket_keys_renewed|ssl_session_cache_.+|user_agent_.+)",
    ),
  ],
  read,
  place,
  interpret,
  cacheOf,
};

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const counter = PREFIX.test(point.name) ? point.name.replace(PREFIX, "").replace(/_total$/, "") : "";
  if (!known.has(counter)) return null;
  const { node, prefix } = instanceOf(point.labels, defaults);
  const { endpoint } = defaults;
  return { scope: `${prefix}process`, endpoint, node, protocol: null, counter, gauge: false };
}

function read(body: string, at: ReadAt): ReadResult {
  const points: MetricPoint[] = [];
  if (body.trimStart().startsWith("#")) {
    const text = parsePrometheusText(body, { atMs: at.atMs, wanted: (name) => PREFIX.test(name) });
    if (!text.ok) return text;
    points.push(...text.points);
  } else
    for (const [, name = "", value] of body.matchAll(METRIC))
      points.push({ name, labels: {}, value: Number(value), atMs: at.atMs, kind: "total", startedMs: null });
  const observations = observationsOf(points, place, at);
  return observations.length > 0
    ? { ok: true, observations }
    : { ok: false, reason: "no proxy.process.ssl metrics in it" };
}

function cacheOf(observation: Observation): CacheSample | null {
  const [hits, misses, inserts, evictions] = CACHE_NAMES.map((name) => observation.totals[name]);
  if (hits === undefined || misses === undefined) return null;
  return cacheSample(observation, "ats", {
    hits,
    misses,
    inserts: inserts ?? null,
    evictions: evictions ?? null,
  });
}

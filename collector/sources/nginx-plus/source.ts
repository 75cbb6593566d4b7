import { type Fields, objectOf } from "../fields.ts";
import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { instanceOf, observationsOf } from "../metric-points.ts";
import { completedWithResumed, observationAt, pickNumbers } from "../metric-result.ts";
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

const COUNTERS = ["handshakes", "session_reuses", "handshakes_failed"] as const;
/** Names of nginx-prometheus-exporter: of the whole server, of HTTP zones, of stream zones. */
const EXPORTED = new RegExp(`^nginxplus_(?:(server|stream_server)_)?ssl_(${COUNTERS.join("|")})(?:_total)?$`);

/** The API of NGINX Plus (ngx_http_api_module): its /ssl object, and the same in each zone. */
export const nginxPlusSource: MetricSource = {
  name: "nginx-plus",
  title: "NGINX Plus API",
  system: "nginx",
  together: [["handshakes", "session_reuses"]],
  capabilities: counterCapabilities({
    outcome: "yes",
    failures: "yes",
    notes: [
      "handshakes counts the successful ones and session_reuses those of them that resumed.",
      "/api/8/ssl is the sum of everything, handshakes with upstreams included: scrape the zones (/api/8/http/server_zones, /api/8/stream/server_zones) for endpoints, and one of the two only, as they tell of the same handshakes.",
      "A zone is named by status_zone in its server; its name is the endpoint unless the target names one.",
      "Open source nginx has no counters of TLS (stub_status tells of none): use its log.",
    ],
  }),
  configurations: [
    {
      title: "Open the API for reading",
      transport: "scrape",
      language: "nginx",
      text: `server {
  listen 127.0.0.1:8081;
  location /api { api; allow 127.0.0.1; deny all; }
}
server {
  listen 443 ssl;
  server_name shop.example;
  status_zone shop.example;   # handshakes are then told by endpoint
}`,
    },
    scrapeConfiguration("nginx-plus", "http://127.0.0.1:8081/api/8/http/server_zones"),
    remoteWriteConfiguration(`nginxplus_server_ssl_(${COUNTERS.join("|")})`),
  ],
  read,
  place,
  interpret: ({ handshakes = 0, session_reuses = 0, handshakes_failed = 0 }) =>
    completedWithResumed({ completed: handshakes, resumed: session_reuses, failed: handshakes_failed }),
};

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const [, kind, counter] = EXPORTED.exec(point.name) ?? [];
  if (counter === undefined) return null;
  const zone = kind === undefined ? null : (point.labels.server_zone ?? null);
  if (kind !== undefined && zone === null) return null;
  const { node, prefix } = instanceOf(point.labels, defaults);
  return {
    scope: prefix + (zone === null ? "ssl" : `${kind} zone ${zone}`),
    endpoint: defaults.endpoint ?? zone,
    node,
    protocol: null,
    counter,
    gauge: false,
  };
}

function read(body: string, at: ReadAt): ReadResult {
  const answer = objectOf(body);
  if (answer === null) return readExporter(body, at);
  const all = observationOf(answer, { at, zone: null }) ?? observationOf(answer.ssl, { at, zone: null });
  const observations = all
    ? [all]
    : Object.entries(answer).flatMap(([zone, value]) => {
        const ssl = typeof value === "object" && value !== null ? (value as Fields).ssl : null;
        return observationOf(ssl, { at, zone }) ?? [];
      });
  return observations.length > 0
    ? { ok: true, observations }
    : { ok: false, reason: "no ssl object with handshakes in it: use /api/8/ssl or …/server_zones" };
}

function observationOf(ssl: unknown, of: { at: ReadAt; zone: string | null }): Observation | null {
  if (typeof ssl !== "object" || ssl === null) return null;
  const totals = pickNumbers(ssl as Fields, COUNTERS);
  if (Object.keys(totals).length < COUNTERS.length) return null;
  const scope = of.zone === null ? "ssl" : `zone ${of.zone}`;
  return observationAt(of.at, scope, { endpoint: of.at.endpoint ?? of.zone, totals });
}

function readExporter(body: string, at: ReadAt): ReadResult {
  const text = parsePrometheusText(body, { atMs: at.atMs, wanted: (name) => EXPORTED.test(name) });
  if (!text.ok) return { ok: false, reason: "neither the JSON of the API nor metrics of its exporter" };
  const observations = observationsOf(text.points, place, at);
  // The whole server is the sum of its zones: where these are told, it is left out.
  const zones = observations.filter(({ scope }) => scope.includes("zone "));
  return observations.length > 0
    ? { ok: true, observations: zones.length > 0 ? zones : observations }
    : { ok: false, reason: "no nginxplus_ssl metrics in it" };
}

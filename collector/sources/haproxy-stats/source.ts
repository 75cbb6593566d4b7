import type { CacheSample } from "../../../lib/domain/handshake.ts";
import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { cacheSample, counted } from "../metric-result.ts";
import type { MetricSource, Observation } from "../metric-source.ts";
import { placePoint, readStatistics } from "./read.ts";

/** The statistics of HAProxy 2.3 and newer: per frontend, full and resumed handshakes are counters of their own. */
export const haproxyStatsSource: MetricSource = {
  name: "haproxy-stats",
  title: "HAProxy statistics",
  system: "haproxy",
  together: [
    ["ssl_sess", "ssl_reused_sess"],
    ["SslCacheLookups", "SslCacheMisses"],
  ],
  capabilities: counterCapabilities({
    outcome: "yes",
    failures: "partly",
    cache: "yes",
    notes: [
      "ssl_sess (full) and ssl_reused_sess (resumed) of each frontend are exact; SslFrontendSessionReuse_pct is a gauge of the last second in which failures count as reuse, and is not read.",
      "A reload starts a new process and new counters. What the old process did after the last reading before is not seen: scrape every 15 s or more often.",
      "ssl_failed_handshake leaves out handshakes that timed out.",
      "Session cache: hits and misses of looked-up session ids only (with no-tls-tickets also of TLS 1.3 stateful sessions); its size is not told.",
      "The Prometheus exporter tells ssl_sess and the others from HAProxy 3.0 on, at /metrics?extra-counters; before, use the stats socket or the CSV page.",
      "The stats socket also tells when the process began, so that a restart is never mistaken and shows as a change at its second; the CSV page does not.",
      "nbproc above 1 (up to HAProxy 2.4) answers from one process in turn: its statistics cannot be used.",
    ],
  }),
  configurations: [
    {
      title: "Open a stats socket for reading",
      transport: "scrape",
      language: "haproxy",
      text: `global
  stats socket /run/haproxy/reprise.sock mode 660 level user
  # from another host: stats socket ipv4@10.0.0.5:9999 level user    and    url: tcp://10.0.0.5:9999`,
    },
    scrapeConfiguration("haproxy-stats", "unix:/run/haproxy/reprise.sock"),
    {
      title: "Open the statistics over HTTP",
      transport: "scrape",
      language: "haproxy",
      text: `frontend statistics
  mode http
  bind 127.0.0.1:8405
  stats enable
  stats uri /stats
  http-request use-service prometheus-exporter if { path /metrics }
  # url: http://127.0.0.1:8405/stats;csv    or, from 3.0 on,    http://127.0.0.1:8405/metrics?extra-counters`,
    },
    remoteWriteConfiguration(
      "haproxy_frontend_ssl_(sess|reused_sess|failed_handshake)|haproxy_process_ssl_cache_(lookups|misses)_total",
    ),
  ],
  // Both answers come on one connection, which HAProxy then closes.
  socket: { ask: () => "show info;show stat\n", only: false },
  read: readStatistics,
  place: placePoint,
  interpret: ({ ssl_sess = 0, ssl_reused_sess = 0, ssl_failed_handshake = 0 }) => ({
    handshakes: [
      ...counted("full", ssl_sess),
      ...counted("resumed", ssl_reused_sess),
      ...counted("failed", ssl_failed_handshake),
    ],
    breaches: [],
  }),
  cacheOf,
};

function cacheOf(observation: Observation): CacheSample | null {
  const { SslCacheLookups: lookups, SslCacheMisses: misses } = observation.totals;
  if (lookups === undefined || misses === undefined) return null;
  return cacheSample(observation, "haproxy", { hits: Math.max(0, lookups - misses), misses });
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { FORWARD_METRICS } from "./metrics-forward.ts";

/** Every metric of the collector's own; docs/metrics.md is made from it. */
export const METRICS = {
  events: {
    name: "reprise_ingest_events_total",
    type: "counter",
    labels: ["source", "result"],
    help: "Events by source and result: accepted, rejected, duplicate, ignored.",
  },
  rejected: {
    name: "reprise_ingest_rejected_total",
    type: "counter",
    labels: ["reason"],
    help: "Refused pushes and messages by kind of reason.",
  },
  decoderMistakes: {
    name: "reprise_decoder_mistakes_total",
    type: "counter",
    labels: ["source"],
    help: "Lines over which a decoder of ours stumbled: each is refused, logged, and a bug to report.",
  },
  requests: {
    name: "reprise_http_requests_total",
    type: "counter",
    labels: ["route", "status"],
    help: "HTTP requests by route and status.",
  },
  refusedAccess: {
    name: "reprise_access_refused_total",
    type: "counter",
    labels: ["reason"],
    help: "Requests that were not let in, by reason: missing, malformed, unknown (revoked included), expired, scope, bounds, rate.",
  },
  queued: { name: "reprise_queue_events", type: "gauge", labels: [], help: "Events that wait for a commit." },
  commitSeconds: {
    name: "reprise_commit_seconds",
    type: "histogram",
    labels: [],
    help: "Duration of commits, sync to disk included.",
  },
  commitFailures: {
    name: "reprise_commit_failures_total",
    type: "counter",
    labels: ["retryable"],
    help: "Commits that failed; a retryable one was tried again.",
  },
  lagSeconds: {
    name: "reprise_ingest_lag_seconds",
    type: "gauge",
    labels: [],
    help: "Age of the newest event at the last commit.",
  },
  syslogDropped: {
    name: "reprise_syslog_dropped_total",
    type: "counter",
    labels: ["reason"],
    help: "Syslog messages that were not taken, by reason.",
  },
  syslogTlsHandshakes: {
    name: "reprise_syslog_tls_handshakes_total",
    type: "counter",
    labels: ["outcome"],
    help: "Handshakes of the syslog port for TLS by outcome: full, resumed, failed.",
  },
  httpTlsHandshakes: {
    name: "reprise_http_tls_handshakes_total",
    type: "counter",
    labels: ["outcome"],
    help: "Handshakes of the HTTP port, where it speaks TLS, by outcome: full, resumed, failed.",
  },
  httpTlsReloads: {
    name: "reprise_http_tls_reloads_total",
    type: "counter",
    labels: ["result"],
    help: "Changes of the HTTP port's certificate files that were taken (ok) or could not be used (failed).",
  },
  syslogTlsReloads: {
    name: "reprise_syslog_tls_reloads_total",
    type: "counter",
    labels: ["result"],
    help: "Changes of the certificate files of that port: ok, or failed (the old ones stay in use).",
  },
  statsdDropped: {
    name: "reprise_statsd_dropped_total",
    type: "counter",
    labels: ["reason"],
    help: "Lines and datagrams of statsd that were not taken, by reason.",
  },
  keyUsesBeyondLimit: {
    name: "reprise_key_uses_beyond_limit_total",
    type: "counter",
    labels: [],
    help: "Uses of ticket keys counted under (other), since their node shows more names of keys an hour than are kept apart.",
  },
  compactedUntil: {
    name: "reprise_compacted_until_seconds",
    type: "gauge",
    labels: [],
    help: "Epoch second up to which rollups are compacted.",
  },
  alertRuleFailures: {
    name: "reprise_alert_rule_failures_total",
    type: "counter",
    labels: ["rule"],
    help: "Evaluations of alert rules that failed; their alerts stayed as they were.",
  },
  deliveries: {
    name: "reprise_notifications_total",
    type: "counter",
    labels: ["kind", "result"],
    help: "Tries to deliver a notification by kind of receiver and result: sent, retry, dead.",
  },
  outbox: {
    name: "reprise_outbox_messages",
    type: "gauge",
    labels: ["state"],
    help: "Notifications that wait, and those that were given up and wait for somebody to send them again.",
  },
  jobFailures: {
    name: "reprise_job_failures_total",
    type: "counter",
    labels: ["job"],
    help: "Runs of scheduled jobs that failed.",
  },
  detectSeconds: {
    name: "reprise_detect_seconds",
    type: "histogram",
    labels: [],
    help: "Time that detection took for a bucket, on its own thread.",
  },
  detectedUntil: {
    name: "reprise_detected_until_seconds",
    type: "gauge",
    labels: [],
    help: "Epoch second up to which detection has judged what arrived.",
  },
  openIncidents: {
    name: "reprise_open_incidents",
    type: "gauge",
    labels: ["class"],
    help: "Incidents that are open or acknowledged, by class: page, info.",
  },
  findings: {
    name: "reprise_findings_told_total",
    type: "counter",
    labels: ["kind"],
    help: "Findings of misuse that were new or grew, by kind.",
  },
  misuseForgotten: {
    name: "reprise_misuse_tickets_forgotten",
    type: "gauge",
    labels: [],
    help: "Tickets that gave way to newer ones within a day, since the start: REPRISE_MISUSE_TICKETS is too small where it grows fast.",
  },
  scrapeFailures: {
    name: "reprise_scrape_failures_total",
    type: "counter",
    labels: ["source", "reason"],
    help: "Scrapes of counters that brought nothing, by source and kind of reason.",
  },
  probeRounds: {
    name: "reprise_probe_rounds_total",
    type: "counter",
    labels: [],
    help: "Rounds of the prober over a target.",
  },
  probeHandshakes: {
    name: "reprise_probe_handshakes_total",
    type: "counter",
    labels: ["outcome"],
    help: "Handshakes that the prober made, by outcome: full, resumed, failed. They are in no customers' rate.",
  },
  probeFailures: {
    name: "reprise_probe_failures_total",
    type: "counter",
    labels: ["problem"],
    help: "Probes of a node that brought no handshake, by kind of problem.",
  },
  ...FORWARD_METRICS,
} as const;

/** Buckets of commit durations, seconds: from a fast disk's sync to a disk in trouble. */
const COMMIT_BUCKETS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Buckets of detection: from a small fleet to one that needs a thread of its own. */
const DETECT_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5];

export type Metrics = ReturnType<typeof makeMetrics>;

/** A registry of its own with all metrics in it. */
export function makeMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const options = <M extends { name: string; help: string; labels: readonly string[] }>({
    name,
    help,
    labels,
  }: M) => ({
    name,
    help,
    labelNames: [...labels] as M["labels"][number][],
    registers: [registry],
  });
  return {
    registry,
    events: new Counter(options(METRICS.events)),
    rejected: new Counter(options(METRICS.rejected)),
    decoderMistakes: new Counter(options(METRICS.decoderMistakes)),
    requests: new Counter(options(METRICS.requests)),
    refusedAccess: new Counter(options(METRICS.refusedAccess)),
    queued: new Gauge(options(METRICS.queued)),
    commitSeconds: new Histogram({ ...options(METRICS.commitSeconds), buckets: COMMIT_BUCKETS_S }),
    commitFailures: new Counter(options(METRICS.commitFailures)),
    lagSeconds: new Gauge(options(METRICS.lagSeconds)),
    syslogDropped: new Counter(options(METRICS.syslogDropped)),
    httpTlsHandshakes: new Counter(options(METRICS.httpTlsHandshakes)),
    httpTlsReloads: new Counter(options(METRICS.httpTlsReloads)),
    syslogTlsHandshakes: new Counter(options(METRICS.syslogTlsHandshakes)),
    syslogTlsReloads: new Counter(options(METRICS.syslogTlsReloads)),
    statsdDropped: new Counter(options(METRICS.statsdDropped)),
    keyUsesBeyondLimit: new Counter(options(METRICS.keyUsesBeyondLimit)),
    compactedUntil: new Gauge(options(METRICS.compactedUntil)),
    alertRuleFailures: new Counter(options(METRICS.alertRuleFailures)),
    deliveries: new Counter(options(METRICS.deliveries)),
    outbox: new Gauge(options(METRICS.outbox)),
    jobFailures: new Counter(options(METRICS.jobFailures)),
    detectSeconds: new Histogram({ ...options(METRICS.detectSeconds), buckets: DETECT_BUCKETS_S }),
    detectedUntil: new Gauge(options(METRICS.detectedUntil)),
    openIncidents: new Gauge(options(METRICS.openIncidents)),
    findings: new Counter(options(METRICS.findings)),
    misuseForgotten: new Gauge(options(METRICS.misuseForgotten)),
    scrapeFailures: new Counter(options(METRICS.scrapeFailures)),
    probeRounds: new Counter(options(METRICS.probeRounds)),
    probeHandshakes: new Counter(options(METRICS.probeHandshakes)),
    probeFailures: new Counter(options(METRICS.probeFailures)),
    forwardWaitingRecords: new Gauge(options(METRICS.forwardWaitingRecords)),
    forwardWaitingBytes: new Gauge(options(METRICS.forwardWaitingBytes)),
    forwardAcknowledged: new Gauge(options(METRICS.forwardAcknowledged)),
    forwardStuck: new Gauge(options(METRICS.forwardStuck)),
    forwardSentBytes: new Counter(options(METRICS.forwardSentBytes)),
    forwardRejected: new Counter(options(METRICS.forwardRejected)),
  };
}

/** The same kind of events as logs of proxies, OTLP and remote write bring them. */
import { compress } from "snappyjs";
import { logsRequest } from "../tests/support/otlp.ts";
import { REMOTE_WRITE_HEADERS, writeRequest } from "../tests/support/remote-write.ts";
import { caddyLines, haproxyLines, nginxLines, type Span, seeded } from "./generate.ts";
import { inLines, type Load } from "./push.ts";

const LINES = 500_000;
const RECORDS = 200_000;
const BATCH = 5_000;
/** Remote write: so many proxies of one instance, each with its two counters, told every second. */
const PROXIES = 500;
const MOMENTS = 100;

export type Format = { readonly name: string; readonly load: (at: Span) => Load };

const lines = (name: string, source: string, make: (count: number, at: Span) => string[]): Format => ({
  name: `${name} lines, 5,000 a push`,
  load: (at) => inLines(`/v1/lines/${source}?node=a`, make(LINES, at), BATCH),
});

export const FORMATS: readonly Format[] = [
  lines("nginx", "nginx", nginxLines),
  lines("HAProxy", "haproxy", haproxyLines),
  lines("Caddy", "caddy", caddyLines),
  { name: "OTLP log records (protobuf), 5,000 a push", load: otlpLogs },
  { name: "remote write samples (snappy), 1,000 a push", load: remoteWrites },
];

function otlpLogs(at: Span): Load {
  const random = seeded(at.seed);
  const record = (i: number) => ({
    atMs: Math.floor(at.endMs - at.spanMs + (i / RECORDS) * at.spanMs),
    attributes: {
      "server.address": `ep-${Math.floor(60 * random() ** 3)}.example`,
      "tls.established": true,
      "tls.resumed": random() < 0.62,
      "tls.protocol.version": random() < 0.85 ? "1.3" : "1.2",
      "reprise.tls.handshake_us": Math.round(Math.exp(6.5 + random() * 2.5)),
    },
  });
  const resource = { "service.name": "gate", "host.name": "edge-1", "cloud.region": "eu-west" };
  const bodies = Array.from({ length: RECORDS / BATCH }, (_, push) =>
    logsRequest(
      resource,
      Array.from({ length: BATCH }, (_, i) => record(push * BATCH + i)),
    ),
  );
  return { path: "/v1/logs", headers: { "content-type": "application/x-protobuf" }, bodies, events: RECORDS };
}

function remoteWrites(at: Span): Load {
  const random = seeded(at.seed);
  const startMs = Math.floor(at.endMs / 1_000) * 1_000 - MOMENTS * 1_000;
  const totals = Array.from({ length: PROXIES }, () => ({ all: 1_000, reused: 600 }));
  const bodies = Array.from({ length: MOMENTS }, (_, moment) => {
    const atMs = startMs + moment * 1_000;
    const series = totals.flatMap((total, proxy) => {
      const more = Math.floor(40 * random());
      total.all += more;
      total.reused += Math.floor(more * random());
      const labels = { proxy: `ep-${proxy}.example`, instance: "edge-1:8404" };
      return [
        { labels: { __name__: "haproxy_frontend_ssl_sess_total", ...labels }, value: total.all },
        { labels: { __name__: "haproxy_frontend_ssl_reused_sess_total", ...labels }, value: total.reused },
      ].map(({ labels: own, value }) => ({ labels: own, samples: [[atMs, value]] as const }));
    });
    return new Uint8Array(compress(writeRequest(series)));
  });
  return { path: "/api/v1/write", headers: REMOTE_WRITE_HEADERS, bodies, events: 2 * PROXIES * MOMENTS };
}

import type { Source } from "../source.ts";
import { RecordDecoder } from "./record.ts";

/** Log records over OTLP/HTTP with the TLS attributes of OpenTelemetry's semantic conventions. */
export const otlpSource: Source = {
  name: "otlp",
  title: "OpenTelemetry logs",
  system: null,
  capabilities: {
    unit: "event",
    outcome: "yes",
    offer: "partly",
    mechanism: "partly",
    rejectionReason: "partly",
    protocol: "yes",
    earlyData: "partly",
    handshakeTime: "partly",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "A record with tls.resumed or tls.established is a handshake; with http.request.method it is a request, and counts once a connection (client.address and client.port).",
      "The conventions have no offer, mechanism, early data or time of a handshake: reprise.tls.mechanism, .offer, .reason, .early_data take the words of POST /v1/handshakes, reprise.tls.handshake_us, .ttfb_us, .ticket_age_s whole numbers, reprise.tls.key_name a text.",
      'tls.protocol.version "3" is TLS 1.3 beside tls.protocol.name "tls" or a cipher suite of TLS 1.3, SSLv3 beside "ssl", and otherwise not known.',
      "A record whose body is a log line is read as reprise.source (an attribute of the record or its resource) says, else by what it looks like; other records are ignored.",
      "host.name (else service.instance.id) is the node, cloud.region the region, server.address (else service.name) the endpoint.",
      "A push that is byte for byte an earlier one is a retry, and counts once; Idempotency-Key is not needed.",
    ],
  },
  configurations: [
    {
      title: "OpenTelemetry Collector: logs and metrics",
      transport: "otlp",
      language: "yaml",
      text: `exporters:
  otlphttp/reprise:
    endpoint: {{collector}}
    headers: { Authorization: "Bearer {{token}}" }
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp/reprise] }
    metrics: { receivers: [otlp], exporters: [otlphttp/reprise] }`,
    },
    {
      title: "OpenTelemetry Collector: a proxy's log file",
      transport: "otlp",
      language: "yaml",
      text: `receivers:
  filelog/nginx:
    include: [/var/log/nginx/tls.log]
    attributes: { reprise.source: nginx }
    resource: { host.name: "\${env:HOSTNAME}" }
exporters:
  otlphttp/reprise:
    endpoint: {{collector}}
    headers: { Authorization: "Bearer {{token}}" }
service:
  pipelines:
    logs: { receivers: [filelog/nginx], exporters: [otlphttp/reprise] }`,
    },
  ],
  recognises: () => false,
  decoder: (defaults) => new RecordDecoder(defaults),
};

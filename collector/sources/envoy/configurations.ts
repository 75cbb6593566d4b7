import { agentYaml } from "../agent-yaml.ts";
import type { ProxyConfiguration } from "../source.ts";

/** What the lines of both logs hold, by key; listener lines add what only they can tell. */
const CONNECTION = {
  start: "%START_TIME%",
  cx: "%CONNECTION_ID%",
  peer: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
  tls: "%DOWNSTREAM_TLS_VERSION%",
  cipher: "%DOWNSTREAM_TLS_CIPHER%",
  sni: "%REQUESTED_SERVER_NAME%",
  hs_us: "%COMMON_DURATION(DS_HS_BEG:DS_HS_END:us)%",
} as const;
const LISTENER = {
  ...CONNECTION,
  hs_ms: "%DOWNSTREAM_HANDSHAKE_DURATION%",
  fail: "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
} as const;
const REQUEST = { ...CONNECTION, ua: "%REQ(USER-AGENT)%" } as const;

/** What a text line begins with. */
export const TEXT_PREFIX = "reprise-envoy ";

type Format = Readonly<Record<string, string>>;

function json(format: Format): string {
  const lines = Object.entries(format).map(([key, operator]) => `  ${key}: "${operator}"`);
  return `json_format:\n${lines.join("\n")}`;
}

/** The last value stands in quotes: it may hold blanks. */
function text(format: Format): string {
  const words = Object.entries(format).map(([key, operator]) => `${key}=${operator}`);
  const last = words.pop()?.replace(/=(.*)$/, '="$1"');
  return `text_format_source:
  inline_string: |
    ${TEXT_PREFIX}${[...words, last].join(" ")}`;
}

const FILE = `- name: envoy.access_loggers.file
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
    path: /var/log/envoy/reprise.log`;
const SYSLOG = `- name: envoy.access_loggers.syslog  # only recent releases have it
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.access_loggers.syslog.v3.SyslogAccessLogConfig
    stat_prefix: reprise
    server:
      socket_address:
        protocol: UDP
        address: {{syslog_host}}
        port_value: {{syslog_port}}`;

function accessLog(logger: string, format: string): string {
  return `access_log:
${logger}
    log_format:
${indented(format, 6)}`;
}

function indented(lines: string, by: number): string {
  return lines.replace(/^/gm, " ".repeat(by));
}

const AGENT = agentYaml("envoy", ["/var/log/envoy/reprise.log"]);

function ofListener(logger: string, format: string): string {
  return `# a listener of the bootstrap file or of LDS
- name: https
  listener_filters:                  # gives the server name
  - name: envoy.filters.listener.tls_inspector
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
${indented(accessLog(logger, format), 2)}`;
}

function ofManager(format: string): string {
  return `# in the typed_config of envoy.filters.network.http_connection_manager
${accessLog(FILE, format)}

${AGENT}`;
}

/** A listener's log or the HTTP connection manager's, in JSON or text; and sending what went to a container's output. */
export const CONFIGURATIONS: readonly ProxyConfiguration[] = [
  {
    title: "Every connection (listener log, JSON; recommended)",
    transport: "agent",
    language: "yaml",
    text: `${ofListener(FILE, json(LISTENER))}\n\n${AGENT}`,
  },
  {
    title: "Every connection (listener log, text)",
    transport: "agent",
    language: "yaml",
    text: `${ofListener(FILE, text(LISTENER))}\n\n${AGENT}`,
  },
  {
    title: "Every connection, over syslog (UDP)",
    transport: "syslog",
    language: "yaml",
    text: ofListener(SYSLOG, json(LISTENER)),
  },
  {
    title: "With client families (HTTP connection manager, JSON)",
    transport: "agent",
    language: "yaml",
    text: ofManager(json(REQUEST)),
  },
  {
    title: "With client families (HTTP connection manager, text)",
    transport: "agent",
    language: "yaml",
    text: ofManager(text(REQUEST)),
  },
  {
    title: "Send lines from a container's output",
    transport: "http",
    language: "bash",
    text: `# with path: /dev/stdout in the access log
docker logs envoy 2>/dev/null | grep -E '"cx":|^${TEXT_PREFIX}' |
  curl -s '{{collector}}/v1/lines/envoy?node=edge-1&region=eu' --data-binary @-`,
  },
];

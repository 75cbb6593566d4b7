/** Where this collector listens; null for what is switched off. */
export type Listeners = {
  /** http://host:port */
  readonly collector: string;
  readonly host: string;
  readonly syslogPort: number | null;
  readonly syslogTlsPort: number | null;
  readonly statsdPort: number | null;
  /** A source token to show; null where none is needed. */
  readonly token: string | null;
};

/** What stands for a port that is switched off, until it has one. */
const NO_PORT = "PORT";
const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
const hostPort = (host: string, port: number | null): string => `${bracketed(host)}:${port ?? NO_PORT}`;

/** A configuration with this collector's real host, ports and token; lines about a token go where none is needed. */
export function fillIn(text: string, listeners: Listeners): string {
  const { collector, host, syslogPort, syslogTlsPort, statsdPort, token } = listeners;
  const values: Readonly<Record<string, string>> = {
    collector,
    syslog: hostPort(host, syslogPort),
    syslog_host: host,
    syslog_port: String(syslogPort ?? NO_PORT),
    syslog_tls_port: String(syslogTlsPort ?? NO_PORT),
    statsd: hostPort(host, statsdPort),
    statsd_host: host,
    statsd_port: String(statsdPort ?? NO_PORT),
    token: token ?? "",
  };
  return text
    .split("\n")
    .filter((line) => token !== null || !line.includes("{{token}}"))
    .join("\n")
    .replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all);
}

/** What has to be switched on for a transport, in a sentence; null where it is on. */
export function offOf(transport: string, listeners: Listeners): string | null {
  if (transport === "syslog" && listeners.syslogPort === null)
    return "Syslog is switched off: set REPRISE_SYSLOG_PORT and start the collector again.";
  if (transport === "syslog_tls" && listeners.syslogTlsPort === null)
    return "Syslog over TLS is switched off: set REPRISE_SYSLOG_TLS_PORT with a certificate and its key (docs/configuration.md) and start the collector again.";
  if (transport === "statsd" && listeners.statsdPort === null)
    return "statsd is switched off: set REPRISE_STATSD_PORT and start the collector again.";
  return null;
}

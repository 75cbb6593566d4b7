/** Settings of who may send, and over what (part of the settings table in settings.ts). */
export const ACCESS_SETTINGS = {
  requireTokens: {
    variable: "REPRISE_REQUIRE_TOKENS",
    kind: "flag",
    fallback: "0",
    about:
      "Whether senders on loopback need a source token too (docs/security.md). Beyond loopback they always do.",
  },
  collectorTlsCert: {
    variable: "REPRISE_COLLECTOR_TLS_CERT",
    kind: "text",
    fallback: "",
    about:
      "PEM file with the certificate (and chain) of the collector's HTTP port, which then speaks TLS 1.2 and 1.3 only. Read again like those of syslog over TLS. Empty: plain HTTP.",
  },
  collectorTlsKey: {
    variable: "REPRISE_COLLECTOR_TLS_KEY",
    kind: "text",
    fallback: "",
    about: "PEM file with the key of that certificate, without a passphrase.",
  },
  collectorTlsCa: {
    variable: "REPRISE_COLLECTOR_TLS_CA",
    kind: "text",
    fallback: "",
    about:
      "PEM bundle. When set, senders may show a certificate that it vouches for in place of a token, as `clients` in the configuration file says (docs/security.md). Empty: tokens only.",
  },
  collectorTlsCrl: {
    variable: "REPRISE_COLLECTOR_TLS_CRL",
    kind: "text",
    fallback: "",
    about:
      "PEM bundle with what that CA has revoked; a list for every CA of it. Read again like it; whose certificate is in it is out at once, resumed sessions too. A list that has run out lets nobody in.",
  },
  syslogTlsCrl: {
    variable: "REPRISE_SYSLOG_TLS_CRL",
    kind: "text",
    fallback: "",
    about: "The same for REPRISE_SYSLOG_TLS_CA.",
  },
  tlsCert: {
    variable: "REPRISE_TLS_CERT",
    kind: "text",
    fallback: "",
    about:
      "PEM file with the certificate (and chain) of the console, which then speaks TLS 1.2 and 1.3 only. Read again within 10 seconds of a change; files that cannot be used are logged and not taken. Empty: plain HTTP.",
  },
  tlsKey: {
    variable: "REPRISE_TLS_KEY",
    kind: "text",
    fallback: "",
    about: "PEM file with the key of that certificate, without a passphrase.",
  },
  watchItself: {
    variable: "REPRISE_WATCH_ITSELF",
    kind: "flag",
    fallback: "1",
    about:
      "Whether handshakes of Reprise's own TLS ports are telemetry too: endpoints reprise-console and reprise-collector of the default tenant.",
  },
  syslogAllow: {
    variable: "REPRISE_SYSLOG_ALLOW",
    kind: "text",
    fallback: "",
    about:
      "Networks and addresses that may send syslog (UDP and TCP without TLS) and statsd, separated by commas (10.0.0.0/8, 2001:db8::/32). The rest is dropped and counted. Needed beyond loopback.",
  },
  rateRequests: {
    variable: "REPRISE_RATE_REQUESTS",
    kind: "whole",
    fallback: "6000",
    about:
      "Requests a minute that one token may send, and ten times as many one address (after this: 429 with Retry-After). 0: no limit. Senders that need no token are not limited.",
  },
  rateBytes: {
    variable: "REPRISE_RATE_BYTES",
    kind: "bytes",
    fallback: "1073741824",
    about: "The same for bytes of bodies, as they are sent.",
  },
  collectorUrl: {
    variable: "REPRISE_COLLECTOR_URL",
    kind: "text",
    fallback: "",
    about:
      "Address under which the collector is reached, for commands that send and for the Sources page. Empty: its own host and port.",
  },
  token: {
    variable: "REPRISE_TOKEN",
    kind: "text",
    fallback: "",
    about: "Source token with which the commands of this host send: change, import, tap and agent.",
  },
  ca: {
    variable: "REPRISE_CA",
    kind: "text",
    fallback: "",
    about:
      "PEM bundle that vouches for the collector's certificate where those commands send over TLS. Empty: the usual authorities.",
  },
} as const;

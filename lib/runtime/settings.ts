/**
 * The one settings table. docs/configuration.md is made from it, the environment is read through it, and nothing else
 * in the product reads the environment.
 */
import { ACCESS_SETTINGS } from "./settings-access.ts";
import { FORWARD_SETTINGS } from "./settings-forward.ts";
import { PEOPLE_SETTINGS } from "./settings-people.ts";

type Kind = "port" | "text" | "whole" | "ms" | "bytes" | "flag";
type Setting = {
  readonly variable: string;
  readonly kind: Kind;
  readonly fallback: string;
  readonly about: string;
};

/** Every setting with its environment variable, default and meaning. */
export const SETTINGS = {
  consolePort: { variable: "PORT", kind: "port", fallback: "3000", about: "Port of the console." },
  consoleHost: {
    variable: "HOST",
    kind: "text",
    fallback: "127.0.0.1",
    about: "Address that the console listens on. Beyond loopback people have to sign in (REPRISE_AUTH).",
  },
  collectorPort: {
    variable: "REPRISE_COLLECTOR_PORT",
    kind: "port",
    fallback: "4319",
    about: "Port of the collector's HTTP routes.",
  },
  collectorHost: {
    variable: "REPRISE_COLLECTOR_HOST",
    kind: "text",
    fallback: "127.0.0.1",
    about:
      "Address that the collector listens on. Beyond loopback every sender needs a source token or a client certificate (docs/security.md).",
  },
  syslogPort: {
    variable: "REPRISE_SYSLOG_PORT",
    kind: "port",
    fallback: "5514",
    about: "UDP and TCP port for syslog (RFC 3164 and 5424). 0 switches it off.",
  },
  syslogTlsPort: {
    variable: "REPRISE_SYSLOG_TLS_PORT",
    kind: "port",
    fallback: "0",
    about:
      "Port for syslog over TLS 1.2 and 1.3 (RFC 5425; its usual port is 6514). 0 switches it off. Clients resume their sessions by ticket for 2 hours; the ticket key is in memory only and replaced every 12 hours.",
  },
  syslogTlsCert: {
    variable: "REPRISE_SYSLOG_TLS_CERT",
    kind: "text",
    fallback: "",
    about:
      "PEM file with the certificate (and chain) of the TLS port. This, the key and the CA are read again within 10 seconds of a change, or on SIGHUP; connections stay, and files that cannot be used are logged and not taken.",
  },
  syslogTlsKey: {
    variable: "REPRISE_SYSLOG_TLS_KEY",
    kind: "text",
    fallback: "",
    about: "PEM file with the key of that certificate, without a passphrase.",
  },
  syslogTlsCa: {
    variable: "REPRISE_SYSLOG_TLS_CA",
    kind: "text",
    fallback: "",
    about:
      "PEM bundle. When set, senders over TLS need a certificate that it vouches for. Empty: they need none.",
  },
  statsdPort: {
    variable: "REPRISE_STATSD_PORT",
    kind: "port",
    fallback: "0",
    about:
      "UDP port for statsd counters, DogStatsD tags included (its usual port is 8125). 0 switches it off.",
  },
  configFile: {
    variable: "REPRISE_CONFIG",
    kind: "text",
    fallback: "",
    about:
      "YAML file with scrape targets and log formats (docs/sources.md), targets of the prober (docs/probe.md) and the cost table (docs/decisions/009-cost-table.md). Empty: none.",
  },
  detect: {
    variable: "REPRISE_DETECT",
    kind: "flag",
    fallback: "1",
    about: "Whether incidents are looked for (on a thread of the collector). 0 switches it off.",
  },
  detectWarmUpMs: {
    variable: "REPRISE_DETECT_WARM_UP_MS",
    kind: "ms",
    fallback: "86400000",
    about:
      "How much history of an endpoint there has to be before incidents are told of it (default 24 hours, so that the time of day is known; below 7 hours nothing is known of what is usual).",
  },
  misuse: {
    variable: "REPRISE_MISUSE",
    kind: "flag",
    fallback: "1",
    about: "Whether single handshakes are looked at for misuse of tickets. 0 switches it off.",
  },
  misuseTickets: {
    variable: "REPRISE_MISUSE_TICKETS",
    kind: "whole",
    fallback: "262144",
    about: "Tickets that are remembered for that, 44 bytes each; those seen longest ago are forgotten first.",
  },
  misuseNetworks: {
    variable: "REPRISE_MISUSE_NETWORKS",
    kind: "whole",
    fallback: "6",
    about:
      "Networks of one ticket within an hour that are never remarkable; what is usual here may raise it. `misuse.networks` of the configuration file names other numbers by endpoint.",
  },
  consoleUrl: {
    variable: "REPRISE_CONSOLE_URL",
    kind: "text",
    fallback: "",
    about:
      "Address under which people reach the console, for links in notifications. Empty: its own host and port.",
  },
  alertRules: {
    variable: "REPRISE_ALERT_RULES",
    kind: "text",
    fallback: "",
    about:
      "YAML file with alert rules, receivers and routes (docs/alerting.md). Read again when it changes. Empty: none.",
  },
  alertAllow: {
    variable: "REPRISE_ALERT_ALLOW",
    kind: "text",
    fallback: "",
    about:
      "Networks, addresses and host names inside that notifications may be sent to, separated by commas (10.0.0.0/8, alertmanager.internal). Empty: none; private, loopback and link-local addresses are refused.",
  },
  dataDir: {
    variable: "REPRISE_DATA_DIR",
    kind: "text",
    fallback: "./data",
    about: "Folder of the database and of the key that hashes identifiers.",
  },
  logLevel: {
    variable: "REPRISE_LOG_LEVEL",
    kind: "text",
    fallback: "info",
    about: "Log level: trace, debug, info, warn, error, silent.",
  },
  maxBodyBytes: {
    variable: "REPRISE_MAX_BODY_BYTES",
    kind: "bytes",
    fallback: "8388608",
    about: "Largest request body as sent (after this: 413).",
  },
  maxInflatedBytes: {
    variable: "REPRISE_MAX_INFLATED_BYTES",
    kind: "bytes",
    fallback: "67108864",
    about: "Largest request body after decompression (after this: 413).",
  },
  maxLineBytes: {
    variable: "REPRISE_MAX_LINE_BYTES",
    kind: "bytes",
    fallback: "16384",
    about: "Longest single event or log line; a longer one is refused by itself.",
  },
  maxQueuedEvents: {
    variable: "REPRISE_MAX_QUEUED_EVENTS",
    kind: "whole",
    fallback: "200000",
    about: "Events that may wait for a commit before pushes are answered 429 with Retry-After.",
  },
  maxSegmentsPerSource: {
    variable: "REPRISE_MAX_SEGMENTS_PER_SOURCE",
    kind: "whole",
    fallback: "5000",
    about: 'Distinct segments that one source may make; the rest is counted under "(other)".',
  },
  maxPastMs: {
    variable: "REPRISE_MAX_PAST_MS",
    kind: "ms",
    fallback: "34560000000",
    about: "How far in the past an event may lie (default 400 days, the hourly retention).",
  },
  maxFutureMs: {
    variable: "REPRISE_MAX_FUTURE_MS",
    kind: "ms",
    fallback: "300000",
    about: "How far in the future an event may lie (clock skew of a sender).",
  },
  storeUrl: {
    variable: "REPRISE_STORE_URL",
    kind: "text",
    fallback: "",
    about:
      "Where 1-minute and hourly rollups are kept if not in the data folder: clickhouse+http://user:password@host:8123/database, or clickhouse+https://… (docs/clickhouse.md). Empty: in the data folder.",
  },
  retainTenSecondsMs: {
    variable: "REPRISE_RETAIN_10S_MS",
    kind: "ms",
    fallback: "21600000",
    about: "How long 10-second rollups are kept (default 6 hours).",
  },
  retainMinutesMs: {
    variable: "REPRISE_RETAIN_1M_MS",
    kind: "ms",
    fallback: "1209600000",
    about: "How long 1-minute rollups are kept (default 14 days).",
  },
  retainHoursMs: {
    variable: "REPRISE_RETAIN_1H_MS",
    kind: "ms",
    fallback: "34560000000",
    about: "How long hourly rollups, changes and cache samples are kept (default 400 days).",
  },
  retainSamplesMs: {
    variable: "REPRISE_RETAIN_SAMPLES_MS",
    kind: "ms",
    fallback: "604800000",
    about: "How long single handshakes kept as samples stay (default 7 days).",
  },
  retainBatchesMs: {
    variable: "REPRISE_RETAIN_BATCHES_MS",
    kind: "ms",
    fallback: "172800000",
    about: "How long an Idempotency-Key is remembered (default 48 hours).",
  },
  ...ACCESS_SETTINGS,
  ...FORWARD_SETTINGS,
  ...PEOPLE_SETTINGS,
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof SETTINGS;
type ValueOf<K> = K extends "text" ? string : K extends "flag" ? boolean : number;
export type Settings = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]["kind"]> };

/** A setting that cannot be used, in one sentence for the operator. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Reads every setting from an environment. Throws SettingsError at the first that makes no sense. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [
    name,
    parseSetting(setting, environment[setting.variable] ?? setting.fallback),
  ]);
  const settings = Object.fromEntries(entries) as Settings;
  checkAuth(settings);
  return settings;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

function checkAuth({ auth, consoleHost }: Settings): void {
  if (auth !== "on" && auth !== "off")
    throw new SettingsError(`REPRISE_AUTH must be on or off, but it is "${auth}".`);
  if (auth === "off" && !LOOPBACK.test(consoleHost))
    throw new SettingsError(
      `REPRISE_AUTH is off, but HOST is ${consoleHost}: beyond loopback people sign in.`,
    );
}

function parseSetting(setting: Setting, text: string): string | number | boolean {
  if (setting.kind === "text") return text;
  if (setting.kind === "flag") return text === "1" || text === "true";
  const value = Number(text);
  const top = setting.kind === "port" ? 65_535 : Number.MAX_SAFE_INTEGER;
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > top)
    throw new SettingsError(
      `${setting.variable} must be a whole number from 0 to ${top}, but it is "${text}".`,
    );
  return value;
}

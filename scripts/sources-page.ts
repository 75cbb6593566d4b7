import type { Capabilities, Capability, TransportName } from "../collector/sources/source.ts";
import type { CatalogueEntry } from "./make-source-catalogue.ts";

const COLUMNS: readonly (readonly [Exclude<keyof Capabilities, "unit" | "notes">, string])[] = [
  ["outcome", "full or resumed"],
  ["mechanism", "mechanism"],
  ["offer", "offers"],
  ["rejectionReason", "rejection reasons"],
  ["protocol", "protocol"],
  ["earlyData", "early data"],
  ["handshakeTime", "handshake time"],
  ["failures", "failures"],
  ["cache", "cache"],
  ["keyRotation", "key rotation"],
];
const CELLS: Readonly<Record<Capability, string>> = { yes: "yes", partly: "partly", no: "–" };
const TRANSPORTS: Readonly<Record<TransportName, string>> = {
  syslog: "syslog",
  syslog_tls: "syslog over TLS",
  http: "HTTP",
  agent: "agent",
  scrape: "scrape",
  remote_write: "remote write",
  otlp: "OTLP",
  statsd: "statsd",
};

const PLACEHOLDERS = `The texts to paste hold placeholders; the console's page "Connect a source" fills them in.

| placeholder | stands for |
|---|---|
| \`{{collector}}\` | the collector's HTTP address, such as \`http://127.0.0.1:4319\` |
| \`{{syslog}}\`, \`{{syslog_host}}\`, \`{{syslog_port}}\` | address of syslog over UDP and TCP, and its parts |
| \`{{syslog_tls_port}}\` | port of syslog over TLS |
| \`{{statsd}}\`, \`{{statsd_host}}\`, \`{{statsd_port}}\` | address of statsd, and its parts |
| \`{{token}}\` | a source token; its line is left out where none is needed |
`;

const SYSLOG_TLS = `\`REPRISE_SYSLOG_TLS_PORT\` (its usual value is 6514) with \`REPRISE_SYSLOG_TLS_CERT\` and \`REPRISE_SYSLOG_TLS_KEY\` opens a
port for syslog over TLS 1.2 and 1.3 (RFC 5425): octet-counted messages, or lines. With \`REPRISE_SYSLOG_TLS_CA\` every sender
needs a certificate which that bundle vouches for; a message that names no host is then of the certificate's common name.

Certificate, key and CA are read again within ten seconds of a change, or at once on SIGHUP. Connections stay. Files that
cannot be used, or do not belong together yet, are logged and counted, and the old ones stay in use.

Senders that reconnect resume by ticket for up to two hours, over either version. The ticket key lives in memory only: it
outlives a change of the certificate, and is replaced every twelve hours and whenever the CA changes, so that nobody resumes a
session which the new CA would not have allowed. There is one key at a time, so each replacement (and each restart)
costs every sender one full handshake. \`reprise_syslog_tls_handshakes_total\` tells full, resumed and failed ones.
`;

const FILE = `\`REPRISE_CONFIG\` names a YAML file with log formats of your own, for the sources that say so below, and with counters to fetch
on a schedule. The collector does not start with a file that it cannot use, and says the line.

\`\`\`yaml
formats:
  - source: nginx
    format: '$msec $connection $connection_requests $ssl_protocol $ssl_session_reused'
scrape:
  - source: haproxy-stats            # one of the counter sources below
    url: http://127.0.0.1:8404/metrics   # or unix:/run/haproxy/admin.sock, tcp://host:port
    every: 15s
    timeout: 5s
    node: edge-1                     # where the counters do not say
\`\`\`
`;

const LINES = `\`POST /v1/lines/{source}\` takes log lines as they are, syslog headers too. Parameters, each of which may be left out:

| parameter | says |
|---|---|
| \`node\`, \`region\`, \`endpoint\` | where the lines are silent |
| \`format\` | the log format, for the sources that take one of your own |
| \`history=complete\` | that this is a file from its server's start: times without a zone are the collector's local time. Else lines are taken to be happening now, and those without a zone are dated by their arrival |
`;

/** docs/sources.md below its title: what each source can tell, and what to paste. */
export function sourcesText(entries: readonly CatalogueEntry[]): string {
  const of = (kind: CatalogueEntry["kind"]): CatalogueEntry[] => entries.filter((each) => each.kind === kind);
  const [logs, counters] = [of("log"), of("counters")];
  return [
    "What a source cannot tell stays unknown: it is never taken for zero, and never guessed.\n",
    "## Logs and events\n",
    matrix(logs),
    ...(counters.length > 0 ? [COUNTERS, matrix(counters)] : []),
    `## Placeholders\n\n${PLACEHOLDERS}`,
    `## Lines over HTTP\n\n${LINES}`,
    `## Syslog over TLS\n\n${SYSLOG_TLS}`,
    `## Configuration file\n\n${FILE}`,
    ...entries.map(section),
  ].join("\n");
}

const COUNTERS = `## Counters

Totals that a proxy keeps: their increases are handshakes, without a case to look at. Log and counters of one product on
one node tell of the same handshakes, so they are two views and never added up.
`;

function matrix(entries: readonly CatalogueEntry[]): string {
  const head = ["source", "a line is", ...COLUMNS.map(([, label]) => label)];
  const rows = entries.map(({ name, title, capabilities }) => [
    `[${title}](#${anchorOf(title, name)})`,
    capabilities.unit,
    ...COLUMNS.map(([key]) => CELLS[capabilities[key]]),
  ]);
  return `${[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function section({ name, title, system, capabilities, configurations }: CatalogueEntry): string {
  const facts = [
    `Name on paths and the command line: \`${name}\`.`,
    ...(system === null ? [] : [`Tells of: ${system}.`]),
  ];
  const notes = capabilities.notes.map((note) => `- ${note}`);
  const pasted = configurations.map(({ title, transport, language, text }) => {
    const fence = "`".repeat(Math.max(3, longestRunOfTicks(text) + 1));
    return `**${title}** (${TRANSPORTS[transport]})\n\n${fence}${language}\n${text}\n${fence}\n`;
  });
  return [`## ${headingOf(title, name)}\n\n${facts.join(" ")}\n`, `${notes.join("\n")}\n`, ...pasted].join(
    "\n",
  );
}

const headingOf = (title: string, name: string): string => `${title} (\`${name}\`)`;

/** The anchor that GitHub gives a heading: lower case, only letters, digits, spaces and hyphens; spaces to hyphens. */
function anchorOf(title: string, name: string): string {
  return headingOf(title, name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function longestRunOfTicks(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { hostOfAddress } from "../addresses.ts";
import { alertName } from "../alerts.ts";
import { numberOf, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDefaults, Source } from "../source.ts";
import { isoMs } from "../timestamps.ts";

const VERSIONS: ReadonlyMap<string, Protocol> = new Map([
  ["tlsv10", "TLSv1"],
  ["tlsv11", "TLSv1.1"],
  ["tlsv12", "TLSv1.2"],
  ["tlsv13", "TLSv1.3"],
]);

/** Places of fields, from 0; AWS adds new ones at the end ("Access log entries" of the NLB guide). */
const FIELD = {
  endTime: 2,
  loadBalancer: 3,
  client: 5,
  connectionTime: 7,
  handshakeTime: 8,
  alert: 11,
  cipher: 14,
  protocol: 15,
  keyExchange: 16,
  domainName: 17,
  creationTime: 21,
} as const;
/** A line reaches at least to its domain name; ALPN and the creation time came later. */
const LEAST_FIELDS = FIELD.domainName + 1;

const START = /^tls \d+\.\d+ \d{4}-\d\d-\d\dT\S+ net\/\S+ /;

/** Network Load Balancer, TLS access log, entries of version 2.0 (files in S3). */
export const awsNlbSource: Source = {
  name: "aws-nlb",
  title: "AWS Network Load Balancer",
  system: "aws-nlb",
  capabilities: {
    unit: "connection",
    outcome: "no",
    offer: "no",
    mechanism: "no",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "yes",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Nothing about resumption: completed handshakes count as neither full nor resumed; latency and failures only.",
      "Handshake time is in whole milliseconds and contains the client's delays.",
      "A handshake has failed where it has no time; the alert is the one that the client sent, if any. Alerts after a completed handshake (close_notify) are no failures.",
      "Lines are dated by the start of the TLS connection, in seconds, and written when it ends; AWS delivers files every 5 minutes, on a best-effort basis.",
      "The node is the load balancer: its addresses share their ticket keys. Region is what import or the agent says.",
      "The CloudWatch Logs variants of this log (JSON, W3C, Parquet) are not read.",
    ],
  },
  configurations: [
    {
      title: "Import files from S3",
      transport: "http",
      language: "bash",
      text: `# once: let the load balancer write its access log
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \\
  --attributes Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=BUCKET

# every few minutes: a file that was read before counts nothing twice
aws s3 sync s3://BUCKET/AWSLogs/ nlb-logs/ --exclude '*' --include '*_net.*.log.gz'
find nlb-logs -name '*.log.gz' -exec npx reprise import --source aws-nlb --region eu-west-1 {} +`,
    },
  ],
  recognises: (line) => START.test(line),
  decoder: (defaults) => ({ decode: (line) => decode(line, defaults) }),
};

function decode(line: string, defaults: LineDefaults): Decoded {
  const fields = line.split(" ");
  if (fields[0] !== "tls") return { kind: "refused", reason: "not a TLS entry of an NLB access log" };
  if (fields.length < LEAST_FIELDS)
    return { kind: "refused", reason: `an NLB access log entry has at least ${LEAST_FIELDS} fields` };
  const atMs = startOf(fields);
  if (atMs === null) return { kind: "refused", reason: "time is no ISO 8601 time" };
  const version = textOf(fields[FIELD.protocol]);
  const protocol = version === null ? null : VERSIONS.get(version);
  if (protocol === undefined) return { kind: "refused", reason: unknownProtocol(version ?? "") };
  const handshakeMs = numberOf(textOf(fields[FIELD.handshakeTime]));
  const completed = handshakeMs !== null && handshakeMs >= 0;
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint: urlDecoded(textOf(fields[FIELD.domainName])) ?? defaults.endpoint,
      node: textOf(fields[FIELD.loadBalancer]) ?? defaults.node,
      region: defaults.region,
      protocol,
      cipher: textOf(fields[FIELD.cipher]),
      group: textOf(fields[FIELD.keyExchange]),
      outcome: completed ? null : "failed",
      handshakeUs: completed ? Math.round(handshakeMs * 1000) : null,
      client: hostOfAddress(fields[FIELD.client]),
      alert: completed ? null : alertName(numberOf(textOf(fields[FIELD.alert]))),
    },
  };
}

/** When the TLS connection began; older entries tell only when it ended and how long it took. */
function startOf(fields: readonly string[]): number | null {
  const created = isoMs(fields[FIELD.creationTime]);
  if (created !== null) return created;
  const endMs = isoMs(fields[FIELD.endTime]);
  const tookMs = numberOf(textOf(fields[FIELD.connectionTime]));
  return endMs === null ? null : Math.round(endMs - (tookMs ?? 0));
}

function urlDecoded(text: string | null): string | null {
  try {
    return text === null ? null : decodeURIComponent(text);
  } catch {
    // A stray % of a name that a client made up: it is kept as it stands.
    return text;
  }
}

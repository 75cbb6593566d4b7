import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { isProtocol, numberOf, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDefaults, Source } from "../source.ts";
import { isoMs } from "../timestamps.ts";

/**
 * "Connection log entries" of the ALB guide: timestamp, client ip, client port, listener port, protocol, cipher, latency,
 * subject, validity, serial, status; then trace id, key exchange, load balancer and node address, each newer than the
 * one before it. The subject is the client's own text, so what stands behind it is matched from the end.
 */
const LINE =
  /^(\d{4}-\d\d-\d\dT\S+Z) (\S+) \d+ \d+ (\S+) (\S+) (\S+) (?:".*"|-) \S+ \S+ (Success|Failed:\S+|-)(?: \S+)?(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: |$)/;

/** Application Load Balancer, connection log (files in S3). */
export const awsAlbSource: Source = {
  name: "aws-alb",
  title: "AWS Application Load Balancer",
  system: "aws-alb",
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
      "Failures carry AWS's error code; most of them name client certificates, all others are UnmappedConnectionError.",
      "There is no server name in this log: give an endpoint with --endpoint. The node is the load balancer node's address where the entry has it.",
      "Connections to plain HTTP listeners are left out. AWS delivers files every 5 minutes, on a best-effort basis.",
      "The CloudWatch Logs variants of this log (JSON, W3C, Parquet) are not read.",
    ],
  },
  configurations: [
    {
      title: "Import files from S3",
      transport: "http",
      language: "bash",
      text: `# once: let the load balancer write its connection log
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \\
  --attributes Key=connection_logs.s3.enabled,Value=true Key=connection_logs.s3.bucket,Value=BUCKET

# every few minutes: a file that was read before counts nothing twice
aws s3 sync s3://BUCKET/AWSLogs/ alb-logs/ --exclude '*' --include '*conn_log*.log.gz'
find alb-logs -name '*.log.gz' -exec npx reprise import --source aws-alb --endpoint shop.example --region eu-west-1 {} +`,
    },
  ],
  recognises: (line) => LINE.test(line),
  decoder: (defaults) => ({ decode: (line) => decode(line, defaults) }),
};

function decode(line: string, defaults: LineDefaults): Decoded {
  const match = LINE.exec(line);
  if (!match) return { kind: "refused", reason: "not an entry of an ALB connection log" };
  const [, time, client, version, cipher, latency, status = "-", keyExchange, , nodeAddress] = match;
  const atMs = isoMs(time);
  if (atMs === null) return { kind: "refused", reason: "timestamp is no ISO 8601 time" };
  const protocol = textOf(version);
  if (protocol !== null && !isProtocol(protocol))
    return { kind: "refused", reason: unknownProtocol(protocol) };
  const failed = status.startsWith("Failed:");
  if (protocol === null && !failed) return { kind: "ignored", why: "irrelevant" };
  const latencyS = numberOf(textOf(latency));
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint: defaults.endpoint,
      node: textOf(nodeAddress) ?? defaults.node,
      region: defaults.region,
      protocol,
      cipher: textOf(cipher),
      group: textOf(keyExchange),
      outcome: failed ? "failed" : null,
      handshakeUs: latencyS !== null && latencyS >= 0 ? Math.round(latencyS * 1_000_000) : null,
      client: textOf(client),
      alert: failed ? textOf(status.slice("Failed:".length)) : null,
    },
  };
}

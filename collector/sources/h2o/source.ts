import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { agentYaml } from "../agent-yaml.ts";
import { familyOf } from "../family.ts";
import { type Fields, isProtocol, keyOf, numberOf, objectOf, textOf, unknownProtocol } from "../fields.ts";
import { SessionIds } from "../session-ids.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;
/** Times of one connection come from one cached clock; connection numbers that start again are farther apart. */
const SAME_START_MS = 1_000;

const FORMAT = `{"at_us":%{usec}t,"connection_id":%{connection-id}x,"connect_time":%{connect-time}x,"request_total_time":%{request-total-time}x,"request_index":%{http1.request-index}x,"stream_id":%{http2.stream-id}x,"ssl_protocol":"%{ssl.protocol-version}x","ssl_cipher":"%{ssl.cipher}x","session_reused":%{ssl.session-reused}x,"session_id_base64":"%{ssl.session-id}x","ssl_server_name":"%{ssl.server-name}x","authority":"%V","remote_addr":"%h","user_agent":"%{user-agent}i"}`;

/**
 * h2o 2.2 and newer, access log in JSON. From h2o's documentation ("Access Log Directives") and lib/core/logconf.c,
 * not from a recording.
 */
export const h2oSource: Source = {
  name: "h2o",
  title: "h2o",
  system: "h2o",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "partly",
    failures: "no",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Made from h2o's documentation and source, not checked against a running h2o.",
      "Lines are requests; Reprise reduces them to connections by h2o's connection id and the moment at which they began.",
      "Connections without a request, and failed handshakes, are not in the access log.",
      "A TLS 1.2 resumption counts as session id when its id was seen on a full handshake, otherwise its mechanism is unknown.",
      "Handshake time is connect-time of the first request: from accept until that request's first byte.",
    ],
  },
  configurations: [
    {
      title: "To a file, with the agent",
      transport: "agent",
      language: "yaml",
      text: `# in h2o.conf, at the global level or in a host
access-log:
  path: /var/log/h2o/reprise.json.log
  escape: json
  format: '${FORMAT}'

${agentYaml("h2o", ["/var/log/h2o/reprise.json.log"])}`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/h2o?node=edge-1&region=eu' --data-binary @/var/log/h2o/reprise.json.log",
    },
  ],
  recognises: (line) =>
    line.startsWith("{") && line.includes('"session_id_base64"') && line.includes('"connection_id"'),
  decoder: (defaults) => new H2oDecoder(defaults),
};

class H2oDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  /** When each connection began, epoch ms; null where its lines do not tell. */
  readonly #connections = new Lru<string, { readonly startMs: number | null }>(MAX_CONNECTIONS);
  // Told that the stream may have begun in the middle, it never concludes "ticket" from an id that it has not seen:
  // that h2o logs the ids of all full handshakes is read in its source, and not measured.
  readonly #sessionIds = new SessionIds(false);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string): Decoded {
    const fields = objectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    const atUs = numberOf(fields.at_us);
    if (atUs === null) return { kind: "refused", reason: "at_us is missing" };
    const reused = numberOf(fields.session_reused);
    const protocol = textOf(fields.ssl_protocol);
    // Both are null for a connection without TLS.
    if (reused === null || protocol === null) return { kind: "ignored", why: "irrelevant" };
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    if (reused !== 0 && reused !== 1) return { kind: "refused", reason: "session_reused is neither 0 nor 1" };
    return this.#request(fields, { atMs: Math.round(atUs / 1000), protocol, resumed: reused === 1 });
  }

  #request(fields: Fields, of: { atMs: number; protocol: Protocol; resumed: boolean }): Decoded {
    const { atMs, protocol, resumed } = of;
    const sessionId = textOf(fields.session_id_base64);
    if (!resumed && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    if (this.#isRepeat(fields, atMs)) return { kind: "ignored", why: "repeat" };
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        endpoint: textOf(fields.ssl_server_name) ?? hostOf(fields.authority) ?? this.#defaults.endpoint,
        node: textOf(fields.node) ?? this.#defaults.node,
        region: textOf(fields.region) ?? this.#defaults.region,
        family: familyOf(textOf(fields.user_agent)),
        protocol,
        cipher: textOf(fields.ssl_cipher),
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        handshakeUs: handshakeUs(fields),
        client: textOf(fields.remote_addr),
      },
    };
  }

  /** Whether the connection was seen before; requests may be logged in any order (HTTP/2). */
  #isRepeat(fields: Fields, atMs: number): boolean {
    const id = numberOf(fields.connection_id);
    if (id === null) return false;
    const key = keyOf(fields.node, id);
    const startMs = startOf(fields, atMs);
    const known = this.#connections.get(key);
    // Ids start again with the server; the moment at which the connection began tells the two apart.
    if (known && (known.startMs === null || startMs === null || near(known.startMs, startMs))) return true;
    this.#connections.set(key, { startMs });
    return false;
  }
}

const near = (one: number, other: number): boolean => Math.abs(one - other) <= SAME_START_MS;

/** When the connection was accepted: h2o's time stamp is that of the request, once it has been read. */
function startOf(fields: Fields, atMs: number): number | null {
  const connectS = numberOf(fields.connect_time);
  const requestS = numberOf(fields.request_total_time);
  return connectS === null || requestS === null ? null : atMs - (connectS + requestS) * 1000;
}

/** From accept until the first byte of the first request; on later requests, connect-time goes on growing. */
function handshakeUs(fields: Fields): number | null {
  if (numberOf(fields.request_index) !== 1 && numberOf(fields.stream_id) !== 1) return null;
  const connectS = numberOf(fields.connect_time);
  return connectS === null || connectS < 0 ? null : Math.round(connectS * 1_000_000);
}

function hostOf(value: unknown): string | null {
  return textOf(value)?.replace(/:\d+$/, "") ?? null;
}

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { familyOf } from "../family.ts";
import {
  type Fields,
  failureText,
  isProtocol,
  numberOf,
  objectOf,
  textOf,
  unknownProtocol,
} from "../fields.ts";
import { SessionIds } from "../session-ids.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;

const LOG_FORMAT = `'{"log_ms":%[date(0,ms)],"fe":"%ft","pid":%pid,"rt":%rt,"ci":"%ci","cp":%cp,"sslv":"%sslv","sslc":"%sslc","resumed":"%[ssl_fc_is_resumed]","sni":"%[ssl_fc_sni,json(utf8s)]","sid":"%[ssl_fc_session_id,hex]","client_random":"%[ssl_fc_client_random,hex]","fc_rtt_us":"%[fc_rtt(us)]","Th":%Th,"Tt":%Tt,"ua":"%[capture.req.hdr(0),json(utf8s)]"}'`;
const ERROR_FORMAT = `'{"log_ms":%[date(0,ms)],"err":true,"fe":"%ft","pid":%pid,"ci":"%ci","cp":%cp,"fc_err":"%[fc_err]","fc_err_str":"%[fc_err_str]","ssl_fc_err_str":"%[ssl_fc_err_str]","sslv":"%sslv","sslc":"%sslc","resumed":"%[ssl_fc_is_resumed]","sni":"%[ssl_fc_sni,json(utf8s)]","client_random":"%[ssl_fc_client_random,hex]","Th":%Th}'`;

/** HAProxy 2.6 and newer, log and error log in JSON. */
export const haproxySource: Source = {
  name: "haproxy",
  title: "HAProxy",
  system: "haproxy",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "yes",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "In mode http lines are requests; Reprise reduces them to connections by process and client random.",
      "error-log-format also records successful handshakes that carried no request: they count, and are no failures.",
      "ssl_fc_has_early is always 0 in HAProxy 2.6, so early data is unknown.",
      "%Th runs from accept to the end of the handshake in whole milliseconds; later requests of a connection say 0.",
    ],
  },
  configurations: [
    {
      title: "Over syslog",
      transport: "syslog",
      language: "haproxy",
      text: `global
  log {{syslog}} format rfc3164 local0 info

frontend https
  mode http
  log global
  option log-separate-errors
  http-request capture req.fhdr(User-Agent) len 160
  log-format ${LOG_FORMAT}
  error-log-format ${ERROR_FORMAT}`,
    },
    {
      title: "Over TLS",
      transport: "syslog_tls",
      language: "haproxy",
      text: `# The frontend stays as over plain syslog. reprise-client.pem holds certificate and key; its subject names the node.
global
  log ring@reprise len 8192 format rfc5424 local0 info

ring reprise
  format rfc5424
  maxlen 8192
  size 8388608
  timeout connect 5s
  timeout server 10s
  server reprise {{syslog_host}}:{{syslog_tls_port}} log-proto octet-count ssl verify required ca-file /etc/haproxy/reprise-ca.pem verifyhost {{syslog_host}} crt /etc/haproxy/reprise-client.pem`,
    },
  ],
  recognises: (line) => line.startsWith("{") && line.includes('"log_ms"') && line.includes('"client_random"'),
  decoder: (defaults) => new HaproxyDecoder(defaults),
};

class HaproxyDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, true>(MAX_CONNECTIONS);
  readonly #sessionIds: SessionIds;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
    this.#sessionIds = new SessionIds(!defaults.live);
  }

  decode(line: string): Decoded {
    if (!line.startsWith("{")) return { kind: "ignored", why: "irrelevant" };
    const fields = objectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    const atMs = numberOf(fields.log_ms);
    if (atMs === null) return { kind: "refused", reason: "log_ms is missing" };
    if (fields.err === true && numberOf(fields.fc_err) !== 0) return this.#failed(fields, atMs);
    const protocol = textOf(fields.sslv);
    if (protocol === null) return { kind: "ignored", why: "irrelevant" };
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    return this.#completed(fields, { atMs, protocol });
  }

  #completed(fields: Fields, at: { atMs: number; protocol: Protocol }): Decoded {
    const { atMs, protocol } = at;
    const resumed = String(fields.resumed) === "1";
    const sessionId = textOf(fields.sid);
    this.#sessionIds.observe(atMs, numberOf(fields.rt));
    if (!resumed && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    const random = textOf(fields.client_random);
    const key = `${fields.pid ?? ""} ${random ?? `${fields.ci} ${fields.cp}`}`;
    if (this.#connections.get(key)) return { kind: "ignored", why: "repeat" };
    this.#connections.set(key, true);
    const handshakeMs = numberOf(fields.Th);
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(fields, atMs),
        family: familyOf(textOf(fields.ua)),
        protocol,
        cipher: textOf(fields.sslc),
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        handshakeUs: handshakeMs !== null && handshakeMs >= 0 ? handshakeMs * 1000 : null,
      },
    };
  }

  #failed(fields: Fields, atMs: number): Decoded {
    const text = textOf(fields.ssl_fc_err_str) ?? textOf(fields.fc_err_str) ?? "unknown";
    return {
      kind: "handshake",
      handshake: { ...this.#place(fields, atMs), outcome: "failed", alert: failureText(text) },
    };
  }

  #place(fields: Fields, atMs: number) {
    return {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint: textOf(fields.sni) ?? this.#defaults.endpoint,
      node: textOf(fields.node) ?? this.#defaults.node,
      region: textOf(fields.region) ?? this.#defaults.region,
      client: textOf(fields.ci),
    };
  }
}

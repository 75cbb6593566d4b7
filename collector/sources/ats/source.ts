import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Mechanism, Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { agentYaml } from "../agent-yaml.ts";
import { familyOf } from "../family.ts";
import {
  type Fields,
  isProtocol,
  keyOf,
  numberOf,
  objectOf,
  scalarOf,
  textOf,
  unknownProtocol,
} from "../fields.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";
import { type DiagsLine, isKeysLoaded, parseDiagsLine } from "./diags-log.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;

/** Where Debian's package writes logs. */
const FOLDER = "/var/log/trafficserver";

const logging = (how: string): string => `# logging.yaml
logging:
  formats:
    - name: reprise
      escape: json
      format: '{"t_ms":"%<cqtq>","ip":"%<chi>","port":"%<chp>","ccid":"%<ccid>","ctid":"%<ctid>","tls_version":"%<cqssv>","tls_cipher":"%<cqssc>",${how},"tls_reused":"%<cqssr>","sni":"%<cssn>","tls_hs_ms":"%<{TS_MILESTONE_TLS_HANDSHAKE_END-TS_MILESTONE_TLS_HANDSHAKE_START}msdms>","ua":"%<{User-Agent}cqh>"}'
  logs:
    - filename: reprise
      format: reprise
      mode: ascii`;

/** Apache Traffic Server 9 and newer: JSON log, and diags.log for reloads. */
export const atsSource: Source = {
  name: "ats",
  title: "Apache Traffic Server",
  system: "ats",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "yes",
    failures: "no",
    cache: "no",
    keyRotation: "partly",
    notes: [
      "Lines are requests; Reprise reduces them to connections by client address, port and connection id. Connections without a request are not in the log.",
      "cqssr 1 means that a session or ticket was found: an expired ticket that still decrypts is logged as resumed though the handshake was full (3 of 1,223 connections in a recording).",
      "Since 10.2 cqssrt tells session ids from tickets. In 9.x the curve does for TLS 1.2 with ECDHE: it is kept with a cached session and missing for a ticket.",
      "Handshake time comes from the TLS milestones in whole milliseconds, on the first request of a connection.",
      "Failed handshakes, refused tickets and early data are in Traffic Server's metrics only.",
      "diags.log says when certificates and ticket keys were loaded, 3 to 6 s after a reload was asked for; not whether the keys changed. It carries no zone or year: on a live stream its lines are dated by their arrival.",
    ],
  },
  configurations: [
    {
      title: "To a file, Traffic Server 9",
      transport: "agent",
      language: "yaml",
      text: logging('"tls_curve":"%<cqssu>"'),
    },
    {
      title: "To a file, Traffic Server 10.2 and newer",
      transport: "agent",
      language: "yaml",
      text: logging('"tls_group":"%<cqssg>","tls_resumption":"%<cqssrt>"'),
    },
    {
      title: "The agent that follows the files",
      transport: "agent",
      language: "yaml",
      text: agentYaml("ats", [`${FOLDER}/reprise.log`, `${FOLDER}/diags.log`]),
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: `curl -s '{{collector}}/v1/lines/ats?node=edge-1&region=eu' \\
  -H 'Authorization: Bearer {{token}}' \\
  --data-binary @${FOLDER}/reprise.log`,
    },
  ],
  recognises: (line) =>
    (line.startsWith("{") && line.includes('"ccid":') && line.includes('"tls_reused":')) ||
    parseDiagsLine(line) !== null,
  decoder: (defaults) => new AtsDecoder(defaults),
};

type Connection = { readonly firstRequest: string | null };

class AtsDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, Connection>(MAX_CONNECTIONS);
  /** Traffic Server 10 names the curve of every connection: there it tells no mechanism. */
  #curveTellsMechanism = true;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string, receivedMs: number): Decoded {
    if (line.startsWith("{")) {
      const fields = objectOf(line);
      return fields === null ? { kind: "refused", reason: "not JSON" } : this.#request(fields);
    }
    const diags = parseDiagsLine(line);
    if (diags === null)
      return { kind: "refused", reason: "neither the reprise format nor a line of diags.log" };
    return isKeysLoaded(diags) ? this.#loaded(diags, receivedMs) : { kind: "ignored", why: "irrelevant" };
  }

  #request(fields: Fields): Decoded {
    const protocol = textOf(fields.tls_version);
    if (protocol === null) return { kind: "ignored", why: "irrelevant" };
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    const startS = numberOf(fields.t_ms);
    if (startS === null) return { kind: "refused", reason: "t_ms is missing" };
    const found = scalarOf(fields.tls_reused);
    if (found !== "0" && found !== "1") return { kind: "refused", reason: "tls_reused is neither 0 nor 1" };
    const group = textOf(fields.tls_group) ?? textOf(fields.tls_curve);
    const resumed = found === "1";
    if (resumed && protocol === "TLSv1.3" && group !== null) this.#curveTellsMechanism = false;
    if (this.#isRepeat(fields)) return { kind: "ignored", why: "repeat" };
    const handshakeMs = numberOf(fields.tls_hs_ms);
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs: Math.round(startS * 1000),
        endpoint: textOf(fields.sni) ?? this.#defaults.endpoint,
        node: this.#defaults.node,
        region: this.#defaults.region,
        family: familyOf(textOf(fields.ua)),
        protocol,
        cipher: textOf(fields.tls_cipher),
        group,
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#mechanism(fields, protocol) : null,
        // -1 (since 10.2 "-") on later requests of a connection.
        handshakeUs: handshakeMs !== null && handshakeMs >= 0 ? handshakeMs * 1000 : null,
        client: textOf(fields.ip),
      },
    };
  }

  #mechanism(fields: Fields, protocol: Protocol): Mechanism | null {
    if (protocol === "TLSv1.3") return "psk";
    if (fields.tls_resumption !== undefined) {
      const how = scalarOf(fields.tls_resumption);
      return how === "1" ? "session_id" : how === "2" ? "ticket" : null;
    }
    if (!this.#curveTellsMechanism || fields.tls_curve === undefined) return null;
    if (textOf(fields.tls_curve) !== null) return "session_id";
    // Without an elliptic curve in the key exchange a cached session has none either.
    return textOf(fields.tls_cipher)?.startsWith("ECDHE-") ? "ticket" : null;
  }

  /** Requests may be logged in any order (HTTP/2). Connection ids start again with the server. */
  #isRepeat(fields: Fields): boolean {
    const key = keyOf(fields.ip, fields.port, fields.ccid);
    const firstRequest = scalarOf(fields.ctid) === "1" ? keyOf(fields.t_ms) : null;
    const known = this.#connections.get(key);
    const repeat =
      known !== undefined &&
      (known.firstRequest === null || firstRequest === null || known.firstRequest === firstRequest);
    this.#connections.set(key, { firstRequest: firstRequest ?? (repeat ? known.firstRequest : null) });
    return repeat;
  }

  #loaded(diags: DiagsLine, receivedMs: number): Decoded {
    const { endpoint, node, region, live } = this.#defaults;
    const change = {
      kind: "reload" as const,
      atMs: live ? receivedMs : diags.ownMs(receivedMs),
      endMs: null,
      endpoint,
      node,
      region,
      title: "Traffic Server loaded its certificates and ticket keys",
      detail: diags.text,
      ref: null,
      actor: null,
    };
    return { kind: "change", change };
  }
}

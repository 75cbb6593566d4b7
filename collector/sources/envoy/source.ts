import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { hostOfAddress } from "../addresses.ts";
import { familyOf } from "../family.ts";
import {
  type Fields,
  failureText,
  isProtocol,
  keyOf,
  numberOf,
  objectOf,
  scalarOf,
  textOf,
  unknownProtocol,
} from "../fields.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";
import { isoMs } from "../timestamps.ts";
import { CONFIGURATIONS, TEXT_PREFIX } from "./configurations.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;

/** Envoy 1.26 and newer (for the failure reason), access log of a listener or of the HTTP connection manager. */
export const envoySource: Source = {
  name: "envoy",
  title: "Envoy",
  system: "envoy",
  capabilities: {
    unit: "connection",
    outcome: "no",
    offer: "no",
    mechanism: "no",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "partly",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "No access log operator tells a resumed handshake: connections count as neither full nor resumed. Envoy's statistics (ssl.handshake, ssl.session_reused) do tell.",
      "A listener's log has one line for each connection, written when it closes, and is the only one that has failed handshakes.",
      "The HTTP connection manager's log has a line for each request; Reprise reduces it to connections by connection id and peer, and knows client families from it. Use one log or the other: of both, a connection counts once, as its first line says.",
      "Handshake time is DS_HS_BEG to DS_HS_END where the release has these time points, else (listener log) from accept to the end of the handshake in whole milliseconds. Older releases write - for them.",
      'The server name needs the TLS inspector. From 1.39 on, group: "%DOWNSTREAM_TLS_GROUP%" may be added to the format; older releases refuse it.',
    ],
  },
  configurations: CONFIGURATIONS,
  recognises: (line) =>
    line.startsWith(TEXT_PREFIX) ||
    (line.startsWith("{") && line.includes('"cx":') && line.includes('"tls":') && line.includes('"start":"')),
  decoder: (defaults) => new EnvoyDecoder(defaults),
};

class EnvoyDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, true>(MAX_CONNECTIONS);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string): Decoded {
    const fields = line.startsWith(TEXT_PREFIX) ? textFields(line) : objectOf(line);
    if (fields === null) return { kind: "refused", reason: "neither JSON nor the text format of Reprise" };
    const startMs = isoMs(fields.start);
    if (startMs === null) return { kind: "refused", reason: "start is no ISO 8601 time" };
    const version = textOf(fields.tls);
    const failure = textOf(fields.fail);
    // Envoy writes some version for every TLS connection, even before one is agreed on: without it, it is plain text.
    if (version === null && failure === null) return { kind: "ignored", why: "irrelevant" };
    const key = connectionKey(fields);
    if (key === null) return { kind: "refused", reason: "cx (%CONNECTION_ID%) is missing" };
    const failed = failure !== null || !isCompleted(fields);
    const protocol = version !== null && isProtocol(version) ? version : null;
    if (!failed && protocol === null) return { kind: "refused", reason: unknownProtocol(version ?? "") };
    if (this.#connections.get(key)) return { kind: "ignored", why: "repeat" };
    this.#connections.set(key, true);
    const place = this.#place(fields, startMs);
    const handshake = failed
      ? { ...place, ...failedResult(fields, protocol) }
      : { ...place, protocol, outcome: null, handshakeUs: handshakeUs(fields) };
    return { kind: "handshake", handshake };
  }

  #place(fields: Fields, startMs: number) {
    return {
      ...UNKNOWN_HANDSHAKE,
      // A listener's line is dated by the connection's start, and tells how long after it the handshake was over.
      atMs: Math.round(startMs + (millisecondsOf(fields.hs_ms) ?? 0)),
      endpoint: serverName(fields.sni) ?? this.#defaults.endpoint,
      node: textOf(fields.node) ?? this.#defaults.node,
      region: textOf(fields.region) ?? this.#defaults.region,
      family: familyOf(textOf(fields.ua)),
      cipher: textOf(fields.cipher),
      group: textOf(fields.group),
      client: hostOfAddress(fields.peer),
    };
  }
}

function failedResult(fields: Fields, protocol: Protocol | null) {
  const reason = textOf(fields.fail);
  return {
    // A version without a cipher is a placeholder: nothing was agreed on.
    protocol: textOf(fields.cipher) === null ? null : protocol,
    outcome: "failed" as const,
    alert: reason === null ? null : reasonText(reason),
  };
}

/** The fields of a text line: words of `key=value`, the last of which may be in quotes. */
function textFields(line: string): Fields {
  const text = line.slice(TEXT_PREFIX.length).trimEnd();
  // Not one expression for the whole line: that looks for its end anew at every quote.
  const quoted = text.endsWith('"') ? / (\w+)="(?=.)/s.exec(text) : null;
  const words = quoted ? text.slice(0, quoted.index) : text;
  const fields = new Map(
    words.split(" ").map((word): [string, string] => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
  if (quoted) fields.set(quoted[1] ?? "", text.slice(quoted.index + quoted[0].length, -1));
  return Object.fromEntries(fields);
}

/** Connection ids begin again with the process, and those of two processes of a hot restart overlap: the peer helps. */
function connectionKey(fields: Fields): string | null {
  return textOf(scalarOf(fields.cx)) === null ? null : keyOf(fields.cx, fields.peer);
}

/** Lines of a listener have `hs_ms`, and a value in it only if the handshake was completed; requests follow one. */
function isCompleted(fields: Fields): boolean {
  if (textOf(fields.cipher) === null) return false;
  return fields.hs_ms === undefined || millisecondsOf(fields.hs_ms) !== null;
}

function millisecondsOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 ? number : null;
}

function handshakeUs(fields: Fields): number | null {
  const own = numberOf(fields.hs_us);
  if (own !== null) return own >= 0 ? Math.round(own) : null;
  const sinceAccept = millisecondsOf(fields.hs_ms);
  return sinceAccept === null ? null : Math.round(sinceAccept * 1000);
}

/** Envoy writes a name that can be no host as "invalid:…", with other characters replaced. */
function serverName(value: unknown): string | null {
  const name = textOf(value);
  return name?.startsWith("invalid:") ? null : name;
}

/**
 * "TLS_error:|268435640:SSL_routines:OPENSSL_internal:NO_SHARED_CIPHER:TLS_error_end" as "no shared cipher", as OpenSSL
 * words it for other proxies. Several errors: the first.
 */
function reasonText(reason: string): string {
  const [, cause = reason] = /OPENSSL_internal:([^|]+?)(?::TLS_error_end|\||$)/.exec(reason) ?? [];
  return failureText(cause.replaceAll("_", " ").toLowerCase());
}

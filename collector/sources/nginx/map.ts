import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { familyOf } from "../family.ts";
import { type Fields, isProtocol, keyOf, numberOf, textOf, unknownProtocol } from "../fields.ts";
import { SessionIds } from "../session-ids.ts";
import type { Decoded, LineDefaults } from "../source.ts";

/** Connections remembered for one stream, to know their later requests; keep-alive ends most within minutes. */
const MAX_CONNECTIONS = 100_000;
/** $msec and $connection_time are of one cached clock; connection numbers that start again are farther apart. */
const SAME_START_MS = 1_000;

/** Fields as in the recommended log_format; every one may be missing. */
export type AccessLine = Fields;

type Connection = { readonly startMs: number | null };

/** Reduces access lines (requests) to connections. */
export class NginxConnections {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, Connection>(MAX_CONNECTIONS);
  readonly #sessionIds: SessionIds;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
    this.#sessionIds = new SessionIds(!defaults.live);
  }

  decode(line: AccessLine): Decoded {
    const reused = line.ssl_session_reused;
    const protocol = textOf(line.ssl_protocol);
    // No TLS at all: plain HTTP, also when it was sent to the TLS port (SOURCES 3.6). Not a full handshake.
    if (reused !== "r" && reused !== ".") return { kind: "ignored", why: "irrelevant" };
    if (protocol === null) return { kind: "ignored", why: "irrelevant" };
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    const atMs = Math.round((numberOf(line.msec) ?? 0) * 1000);
    const serial = numberOf(line.connection);
    this.#sessionIds.observe(atMs, serial);
    const sessionId = textOf(line.ssl_session_id);
    if (reused === "." && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    if (serial !== null && this.#isRepeat(line, atMs)) return { kind: "ignored", why: "repeat" };
    const resumed = reused === "r";
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        endpoint: textOf(line.ssl_server_name) ?? this.#defaults.endpoint,
        node: textOf(line.node) ?? this.#defaults.node,
        region: textOf(line.region) ?? this.#defaults.region,
        family: familyOf(textOf(line.http_user_agent)),
        protocol,
        cipher: textOf(line.ssl_cipher),
        group: textOf(line.ssl_curve),
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        earlyData: line.ssl_early_data === "1" ? "accepted" : null,
        handshakeUs: handshakeUs(line),
        client: textOf(line.remote_addr),
      },
    };
  }

  /** Whether the connection was seen before; requests may be logged in any order (HTTP/2). */
  #isRepeat(line: AccessLine, atMs: number): boolean {
    const key = keyOf(line.node, line.pid, line.connection);
    const connectionTime = numberOf(line.connection_time);
    const startMs = connectionTime === null ? null : atMs - connectionTime * 1000;
    const known = this.#connections.get(key);
    if (known && sameConnection(known, startMs, numberOf(line.connection_requests))) return true;
    this.#connections.set(key, { startMs });
    return false;
  }
}

function sameConnection(known: Connection, startMs: number | null, requests: number | null): boolean {
  // Numbers start again with the server; the moment at which the connection began tells the two apart.
  if (known.startMs !== null && startMs !== null) return Math.abs(known.startMs - startMs) <= SAME_START_MS;
  return requests !== 1;
}

/** From accept until the first request was read (SOURCES 3.4); unknown on later requests and with early data. */
function handshakeUs(line: AccessLine): number | null {
  if (numberOf(line.connection_requests) !== 1 || line.ssl_early_data === "1") return null;
  const connectionTime = numberOf(line.connection_time);
  const requestTime = numberOf(line.request_time);
  if (connectionTime === null || requestTime === null) return null;
  const us = Math.round((connectionTime - requestTime) * 1_000_000);
  return us >= 0 ? us : null;
}

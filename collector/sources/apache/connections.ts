import { type Handshake, UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { familyOf } from "../family.ts";
import { type Fields, isProtocol, numberOf, textOf, unknownProtocol } from "../fields.ts";
import { SessionIds } from "../session-ids.ts";
import { type Decoded, isDatedByArrival, type LineDefaults } from "../source.ts";
import { causeOf, type ErrorLine, isFailure, libraryCauseOf, negotiated, serverNameOf } from "./error-log.ts";

/** Connections remembered for one stream, to join its two logs and to know later requests. */
const MAX_CONNECTIONS = 100_000;
/** Threads whose handshake failed and whose next line tells why; Apache runs far fewer. */
const MAX_THREADS = 10_000;
/** Longest connection log id taken; Apache's have 11 characters. */
const MAX_ID = 64;
/** A longer difference of two local times is a shift of the clock: Apache's Timeout ends any handshake sooner. */
const LONGEST_HANDSHAKE_US = 600_000_000;

/** What is known of a connection so far, from either log. */
type Connection = {
  counted: boolean;
  /** A request came in: the access log has the connection, or will. */
  requested: boolean;
  /** A client connected to this server; without it, it may be Apache that connects to a backend. */
  served: boolean;
  /** The handshake failed, with a cause that is still to come. */
  failed: boolean;
  beganUs: number | null;
  completedMs: number | null;
  handshakeUs: number | null;
  serverName: string | null;
  protocol: string | null;
  cipher: string | null;
  /** Set with a failure whose cause is on the next line, which does not name the client. */
  client: string | null;
};

const IRRELEVANT: Decoded = { kind: "ignored", why: "irrelevant" };
const REPEAT: Decoded = { kind: "ignored", why: "repeat" };

/**
 * Counts each connection of a stream once, from the access log, the error log or both in any order: the access log
 * tells of connections with a request, the error log of those without one and of failed handshakes. So nothing is
 * counted twice either where the two logs come as separate streams.
 */
export class ApacheConnections {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, Connection>(MAX_CONNECTIONS);
  readonly #awaitingCause = new Lru<string, string>(MAX_THREADS);
  readonly #sessionIds: SessionIds;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
    this.#sessionIds = new SessionIds(!defaults.live);
  }

  /** A line of the access log: one request. */
  access(line: Fields): Decoded {
    const protocol = textOf(line.ssl_protocol);
    // No TLS at all: plain HTTP, also when it was sent to the TLS port, which the error log tells.
    if (protocol === null) return IRRELEVANT;
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    const state = line.ssl_session_resumed;
    if (state !== "Initial" && state !== "Resumed")
      return { kind: "refused", reason: "ssl_session_resumed is neither Initial nor Resumed" };
    const id = textOf(line.conn_log_id)?.slice(0, MAX_ID) ?? null;
    if (id === null)
      return { kind: "refused", reason: "conn_log_id is missing: Apache gives it from LogLevel ssl:info on" };
    const beganUs = numberOf(line.t_begin_us) ?? numberOf(line.t_end_us);
    if (beganUs === null) return { kind: "refused", reason: "t_begin_us is missing" };
    const atMs = Math.round(beganUs / 1000);
    const sessionId = textOf(line.ssl_session_id);
    const resumed = state === "Resumed";
    this.#sessionIds.observe(atMs, null);
    if (!resumed && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    const connection = this.#of(id);
    if (connection.counted) return REPEAT;
    connection.counted = true;
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(textOf(line.sni)),
        atMs,
        family: familyOf(textOf(line.ua)),
        protocol,
        cipher: textOf(line.ssl_cipher),
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        handshakeUs: connection.handshakeUs,
        client: textOf(line.ip),
      },
    };
  }

  /** A line of the error log. Its times carry no zone: on a live stream the arrival counts. */
  error(line: ErrorLine, receivedMs: number): Decoded {
    const atMs = isDatedByArrival(this.#defaults) ? receivedMs : line.localMs;
    if (line.code === "00493" || line.code === "00494") return this.#reloaded(line, atMs);
    if (line.code === "00830") this.#sessionIds.beginAt(atMs);
    if (line.connection === null) return this.#withoutConnection(line, atMs);
    if (isFailure(line)) return this.#failed(line, line.connection, atMs);
    if (isClose(line)) return this.#closed(line, line.connection, atMs);
    this.#learn(line, line.connection, atMs);
    return IRRELEVANT;
  }

  /** What the lines of a connection in progress tell. */
  #learn(line: ErrorLine, id: string, atMs: number): void {
    if (line.code === "01964") this.#of(id).beganUs = line.clockUs;
    else if (line.code === "02034") this.#of(id).requested = true;
    else if (line.code === "02043" || line.code === "02044" || line.code === "02645") {
      const connection = this.#of(id);
      connection.served = true;
      const name = serverNameOf(line.text);
      connection.serverName = name === null ? null : own(name);
    } else if (line.code === "02041") this.#completed(line, this.#of(id), atMs);
  }

  #completed(line: ErrorLine, connection: Connection, atMs: number): void {
    // A renegotiation says so again; the first one is the handshake.
    if (connection.completedMs !== null) return;
    connection.completedMs = atMs;
    const { protocol, cipher } = negotiated(line.text);
    connection.protocol = protocol === null ? null : own(protocol);
    connection.cipher = cipher === null ? null : own(cipher);
    const us = connection.beganUs === null ? -1 : line.clockUs - connection.beganUs;
    if (us >= 0 && us <= LONGEST_HANDSHAKE_US) connection.handshakeUs = us;
  }

  #failed(line: ErrorLine, id: string, atMs: number): Decoded {
    const connection = this.#of(id);
    if (connection.counted) return REPEAT;
    const cause = causeOf(line);
    if (cause !== null) return this.#countFailed(connection, { cause, atMs, client: line.client });
    connection.failed = true;
    connection.client = line.client === null ? null : own(line.client);
    this.#awaitingCause.set(own(line.thread), own(id));
    return IRRELEVANT;
  }

  /** The cause of a failure stands on a line of its own, without the connection's id, on the same thread. */
  #withoutConnection(line: ErrorLine, atMs: number): Decoded {
    const cause = libraryCauseOf(line);
    const id = cause === null ? undefined : this.#awaitingCause.get(line.thread);
    if (cause === null || id === undefined) return IRRELEVANT;
    this.#awaitingCause.delete(line.thread);
    const connection = this.#of(id);
    return connection.counted
      ? REPEAT
      : this.#countFailed(connection, { cause, atMs, client: connection.client });
  }

  #closed(line: ErrorLine, id: string, atMs: number): Decoded {
    const connection = this.#connections.get(id);
    if (!connection) return IRRELEVANT;
    if (connection.counted) return REPEAT;
    const { client } = line;
    if (connection.failed)
      return this.#countFailed(connection, { cause: "SSL library error in handshake", atMs, client });
    if (connection.completedMs === null || !connection.served || connection.requested) return IRRELEVANT;
    connection.counted = true;
    const { protocol } = connection;
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(connection.serverName),
        atMs: connection.completedMs,
        protocol: protocol !== null && isProtocol(protocol) ? protocol : null,
        cipher: connection.cipher,
        // The error log does not say whether a handshake resumed.
        outcome: null,
        handshakeUs: connection.handshakeUs,
        client,
      },
    };
  }

  #countFailed(
    connection: Connection,
    { cause, atMs, client }: { cause: string; atMs: number; client: string | null },
  ): Decoded {
    connection.counted = true;
    const place = this.#place(connection.serverName);
    return { kind: "handshake", handshake: { ...place, atMs, outcome: "failed", alert: cause, client } };
  }

  #reloaded({ text }: ErrorLine, atMs: number): Decoded {
    const { endpoint, node, region } = this.#defaults;
    const title = "Apache reloaded its configuration";
    const change = { kind: "reload", atMs, endMs: null, endpoint, node, region, title } as const;
    return { kind: "change", change: { ...change, detail: text, ref: null, actor: null } };
  }

  #of(id: string): Connection {
    const known = this.#connections.get(id);
    if (known) return known;
    const made = newConnection();
    this.#connections.set(own(id), made);
    return made;
  }

  #place(serverName: string | null): Omit<Handshake, "atMs" | "outcome"> {
    const { endpoint, node, region } = this.#defaults;
    return { ...UNKNOWN_HANDSHAKE, endpoint: serverName ?? endpoint, node, region };
  }
}

function newConnection(): Connection {
  return {
    counted: false,
    requested: false,
    served: false,
    failed: false,
    beganUs: null,
    completedMs: null,
    handshakeUs: null,
    serverName: null,
    protocol: null,
    cipher: null,
    client: null,
  };
}

/** A text of its own: a mere part of a line would keep the whole line in memory. */
function own(text: string): string {
  return Buffer.from(text).toString();
}

function isClose({ text }: ErrorLine): boolean {
  return text.startsWith("Connection closed to child ");
}

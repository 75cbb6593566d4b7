import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { familyOf } from "../family.ts";
import {
  type Fields,
  failureText,
  isProtocol,
  keyOf,
  numberOf,
  scalarOf,
  textOf,
  unknownProtocol,
} from "../fields.ts";
import { SessionIds } from "../session-ids.ts";
import type { Decoded, LineDefaults } from "../source.ts";

/** Connections remembered for one stream, to know their later requests. */
const MAX_CONNECTIONS = 100_000;
/** Where a line names a connection by address and port only: after such a silence the port is in use again. */
const SAME_PORT_MS = 300_000;

/** Reduces lines to connections, whatever form they were read from. */
export class HaproxyConnections {
  readonly #defaults: LineDefaults;
  /** When a connection's last line came. */
  readonly #connections = new Lru<string, number>(MAX_CONNECTIONS);
  readonly #sessionIds: SessionIds;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
    this.#sessionIds = new SessionIds(!defaults.live);
  }

  /** A line's fields, named as in the recommended JSON form; every one but `log_ms` may be missing. */
  decode(fields: Fields): Decoded {
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
    const said = scalarOf(fields.resumed);
    const resumed = said === "1";
    const isFull = said === "0";
    const sessionId = textOf(fields.sid);
    this.#sessionIds.observe(atMs, numberOf(fields.rt));
    if (isFull && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    if (this.#isRepeat(fields, atMs)) return { kind: "ignored", why: "repeat" };
    const handshakeMs = numberOf(fields.Th);
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(fields, atMs),
        family: familyOf(textOf(fields.ua)),
        protocol,
        cipher: textOf(fields.sslc),
        // Completed, and no more is known, where a format of the operator's leaves it out.
        outcome: resumed ? "resumed" : isFull ? "full" : null,
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        handshakeUs: handshakeMs !== null && handshakeMs >= 0 ? handshakeMs * 1000 : null,
      },
    };
  }

  #isRepeat(fields: Fields, atMs: number): boolean {
    const random = textOf(fields.client_random);
    // By address and port only, whatever else cannot change within a connection tells two of them apart.
    const { ci, cp, resumed, sslv, sni } = fields;
    const key = random === null ? keyOf(fields.pid, ci, cp, resumed, sslv, sni) : keyOf(fields.pid, random);
    const lastMs = this.#connections.get(key);
    this.#connections.set(key, atMs);
    if (lastMs === undefined) return false;
    if (random !== null) return true;
    // A client's port comes again. Only a connection's first line has a handshake time above 0 (SOURCES 3.1).
    return !((numberOf(fields.Th) ?? 0) > 0) && atMs - lastMs < SAME_PORT_MS;
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

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { AddressConnections } from "../address-connections.ts";
import { familyOf } from "../family.ts";
import { type Fields, isProtocol, keyOf, textOf, unknownProtocol } from "../fields.ts";
import { looseObjectOf } from "../loose-json.ts";
import { SessionIds } from "../session-ids.ts";
import type { Decoded, LineDefaults } from "../source.ts";
import { isoMs } from "../timestamps.ts";

/** nghttpx closes idle connections after 1 to 3 minutes by default: later, an equal address is another connection. */
const IDLE_MS = 300_000;

/** Reduces access lines (requests) to connections, as far as a log without a connection id allows. */
export class NghttpxConnections {
  readonly #defaults: LineDefaults;
  readonly #connections = new AddressConnections(IDLE_MS);
  readonly #sessionIds: SessionIds;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
    this.#sessionIds = new SessionIds(!defaults.live);
  }

  decode(line: string): Decoded {
    const fields = looseObjectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    const atMs = isoMs(fields.time);
    if (atMs === null) return { kind: "refused", reason: "time is no ISO 8601 time" };
    const reused = fields.tls_session_reused;
    const protocol = textOf(fields.tls_protocol);
    // No TLS at all: a clear-text frontend.
    if ((reused !== "r" && reused !== ".") || protocol === null)
      return { kind: "ignored", why: "irrelevant" };
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    return this.#request(fields, { atMs, protocol, resumed: reused === "r" });
  }

  #request(fields: Fields, of: { atMs: number; protocol: Protocol; resumed: boolean }): Decoded {
    const { atMs, protocol, resumed } = of;
    const sessionId = textOf(fields.tls_session_id);
    this.#sessionIds.observe(atMs, null);
    if (!resumed && protocol !== "TLSv1.3") this.#sessionIds.remember(sessionId);
    // In TLS 1.3 the id names the newest ticket and changes within a connection (SOURCES 3.2).
    const constantId = protocol === "TLSv1.3" ? "" : sessionId;
    const flags = keyOf(
      resumed,
      protocol,
      fields.tls_cipher,
      fields.tls_sni,
      fields.alpn,
      fields.pid,
      constantId,
    );
    const address = keyOf(fields.node, fields.remote_addr, fields.remote_port);
    if (this.#connections.isRepeat({ address, flags, startMs: atMs, endMs: atMs }))
      return { kind: "ignored", why: "repeat" };
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        endpoint: textOf(fields.tls_sni) ?? this.#defaults.endpoint,
        node: textOf(fields.node) ?? this.#defaults.node,
        region: textOf(fields.region) ?? this.#defaults.region,
        family: familyOf(textOf(fields.ua)),
        protocol,
        cipher: textOf(fields.tls_cipher),
        outcome: resumed ? "resumed" : "full",
        mechanism: resumed ? this.#sessionIds.mechanism(protocol, sessionId, atMs) : null,
        client: textOf(fields.remote_addr),
      },
    };
  }
}

import type { Mechanism, Protocol } from "../../lib/domain/vocabulary.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import { keyOf } from "./fields.ts";

/** Ids of full handshakes remembered for one stream (64 bytes each and the map's overhead: about 30 MB). */
const MAX_IDS = 200_000;
/** RFC 5246 F.1.4 suggests 24 hours as the upper limit of a session's life: no older id can still resume. */
const LONGEST_SESSION_MS = 24 * 3_600_000;
/** A stream that begins within a server's first connections is taken to know all its session ids. */
const EARLY_CONNECTIONS = 16;

/**
 * Tells TLS 1.2 session ids from tickets (SOURCES 3.2): a full handshake logs the id that it stored, and nothing when
 * it issued a ticket; a resumed one logs the stored id, or one that the client made up for its ticket. So an id seen on
 * a full handshake means session id, and an unseen one means ticket, if the log reaches back far enough to say so.
 */
export class SessionIds {
  readonly #seen = new Lru<string, true>(MAX_IDS);
  #completeFromMs: number;

  /** `complete`: the stream is known to begin with its server. */
  constructor(complete: boolean) {
    this.#completeFromMs = complete ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** A connection with its serial number since the server's start, where the source has one. */
  observe(atMs: number, serial: number | null): void {
    if (this.#completeFromMs !== Number.POSITIVE_INFINITY) return;
    const fromStart = serial !== null && serial <= EARLY_CONNECTIONS;
    this.#completeFromMs = fromStart ? atMs : atMs + LONGEST_SESSION_MS;
  }

  /** The server's cache began empty at this moment: every id that it keeps since then passes here. */
  beginAt(atMs: number): void {
    this.#completeFromMs = Math.min(this.#completeFromMs, atMs);
  }

  /** The id of a full handshake. */
  remember(id: string | null): void {
    if (id !== null) this.#seen.set(keyOf(id), true);
  }

  /** How a resumed handshake did so; null where it cannot be known. */
  mechanism(protocol: Protocol | null, id: string | null, atMs: number): Mechanism | null {
    if (protocol === "TLSv1.3") return "psk";
    if (protocol === null || id === null) return null;
    if (this.#seen.get(keyOf(id))) return "session_id";
    return atMs >= this.#completeFromMs ? "ticket" : null;
  }
}

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { ChangeKind, Mechanism, Offer, Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { failureText, isProtocol, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDefaults } from "../source.ts";

/** Connections whose handshake is under way in one stream. */
const MAX_PENDING = 50_000;
/** Threads of all worker processes; each keeps its last message. */
const MAX_THREADS = 1_000;

// Time, main process, own process, thread, level, place in nghttpx's source, message.
const LINE =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)) (\d{1,10}) (\d{1,10}) ([0-9a-f]{1,32}) ([A-Z]{1,10}) \(shrpx\w*\.cc:\d+\) (.*)$/s;
const OF_HANDLER = /^\[CLIENT_HANDLER:(0x[0-9a-f]{1,16})\] (.*)$/s;
const ACCEPTED = /^\[LISTEN:0x[0-9a-f]+\] Accepted connection from (\S{1,64}), fd=(\d{1,10})$/;
const WORKER_EVENT = /^\[WORKER:0x[0-9a-f]+\] WorkerEvent: client_fd=(\d{1,10}),/;
const CREATED = /^\[WORKER:0x[0-9a-f]+\] CLIENT_HANDLER:(0x[0-9a-f]{1,16}) created\s*$/;
const COMPLETED = /^cipher=(\S+) protocol=(\S+) resumption=(yes|no) /;
const UNKNOWN_KEY = /^session ticket key ([0-9a-f]{1,64}) not found$/;
const DECRYPTED = /^decrypt session ticket key: ([0-9a-f]{1,64})\s*$/;
const MADE = /^encrypt session ticket key: ([0-9a-f]{1,64})\s*$/;
const FAILED = /^tls: handshake libssl error:? (.*)$/s;

/** Whether a line has the shape of nghttpx's error log. */
export function isErrorLine(line: string): boolean {
  return LINE.test(line);
}

/** What the lines of one connection have said so far. */
type Attempt = {
  readonly startMs: number;
  readonly client: string | null;
  /** The key named by the offered ticket, and whether nghttpx had it. */
  offered: { readonly key: string; readonly known: boolean } | null;
  /** Whether a ticket was made for it: then its client speaks tickets. */
  issued: boolean;
  early: boolean;
  /** A request was served before (or without) a handshake. */
  served: boolean;
};
/** A line, its thread and its process. */
type At = { readonly atMs: number; readonly main: string; readonly process: string; readonly thread: string };

/**
 * Changes (level NOTICE) and handshakes (level INFO) of the error log. Lines of one connection name its handler; what
 * OpenSSL said does not, but is written by the same thread right before the handler's own line, and joined by that.
 */
export class NghttpxErrorLog {
  readonly #defaults: LineDefaults;
  readonly #attempts = new Lru<string, Attempt>(MAX_PENDING);
  readonly #clients = new Lru<string, string>(MAX_PENDING);
  /** By thread: its last message, and the client that it was handed last. */
  readonly #threads = new Lru<string, { last: string; client: string | null }>(MAX_THREADS);
  #hasClearText = false;
  #tellsHandshakes = false;
  #isVerbose = false;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  /** Whether every handshake since the last (re)start is told here, so that access lines say nothing new. */
  get tellsHandshakes(): boolean {
    return this.#tellsHandshakes;
  }

  /** Whether the level is INFO: then messages go on over several lines (headers), which do not begin with a time. */
  get isVerbose(): boolean {
    return this.#isVerbose;
  }

  decode(line: string): Decoded {
    const match = LINE.exec(line);
    if (!match) return { kind: "refused", reason: "not an error log line" };
    const [, time = "", main = "", process = "", threadName = "", level, message = ""] = match;
    const at = { atMs: Date.parse(time), main, process, thread: `${process} ${threadName}` };
    if (Number.isNaN(at.atMs)) return { kind: "refused", reason: "no time" };
    if (level === "INFO") this.#isVerbose = true;
    const thread = this.#threads.get(at.thread) ?? { last: "", client: null };
    const decoded = level === "NOTICE" ? this.#notice(message, at) : this.#info(message, at, thread);
    thread.last = message;
    this.#threads.set(at.thread, thread);
    return decoded;
  }

  #notice(message: string, { atMs }: At): Decoded {
    if (message.startsWith("Listening on ") && !message.endsWith(", tls")) this.#hasClearText = true;
    // The level can change at a start or reload only.
    if (message.startsWith("Listening on ") || message === "Reloading configuration")
      this.#tellsHandshakes = false;
    if (message === "Reloading configuration")
      return this.#changed("reload", "nghttpx reloaded its configuration", atMs);
    if (message === "Renew new ticket keys")
      return this.#changed("key_rotation", "nghttpx made a new session ticket key", atMs);
    return { kind: "ignored", why: "irrelevant" };
  }

  #info(message: string, at: At, thread: { last: string; client: string | null }): Decoded {
    const handler = OF_HANDLER.exec(message);
    if (handler)
      return this.#handler(handler[2] ?? "", `${at.process} ${handler[1]}`, { at, last: thread.last });
    const accepted = ACCEPTED.exec(message);
    if (accepted) this.#clients.set(`${at.main} ${accepted[2]}`, accepted[1] ?? "");
    const event = WORKER_EVENT.exec(message);
    if (event) thread.client = this.#clients.get(`${at.main} ${event[1]}`) ?? null;
    const created = CREATED.exec(message);
    if (created) {
      const attempt = { startMs: at.atMs, client: thread.client, offered: null };
      const nothing = { issued: false, early: false, served: false };
      this.#attempts.set(`${at.process} ${created[1]}`, { ...attempt, ...nothing });
      thread.client = null;
    }
    // Early data is read right after the ticket that allows it was decrypted.
    const of = /^tls: read early data [1-9]\d* bytes$/.test(message) ? OF_HANDLER.exec(thread.last) : null;
    const attempt = of ? this.#attempts.get(`${at.process} ${of[1]}`) : undefined;
    if (attempt) attempt.early = true;
    return { kind: "ignored", why: "irrelevant" };
  }

  #handler(event: string, key: string, of: { at: At; last: string }): Decoded {
    const attempt = this.#attempts.get(key);
    if (event === "SSL/TLS handshake completed") {
      this.#attempts.delete(key);
      return this.#completed(attempt, of);
    }
    if (!attempt) return { kind: "ignored", why: "irrelevant" };
    const unknown = UNKNOWN_KEY.exec(event);
    const decrypted = DECRYPTED.exec(event);
    if (unknown) attempt.offered = { key: unknown[1] ?? "", known: false };
    if (decrypted) attempt.offered = { key: decrypted[1] ?? "", known: true };
    if (event.startsWith("encrypt session ticket key: ")) {
      attempt.issued = true;
      const made = MADE.exec(event);
      if (made) return this.#made(made[1] ?? "", of.at);
    }
    if (event.startsWith("Downstream address ")) attempt.served = true;
    if (event !== "Deleting") return { kind: "ignored", why: "irrelevant" };
    this.#attempts.delete(key);
    const alert = this.#failureOf(attempt, of.last);
    if (alert === null) return { kind: "ignored", why: "irrelevant" };
    return {
      kind: "handshake",
      handshake: { ...this.#place(attempt, of.at), outcome: "failed", alert: failureText(alert) },
    };
  }

  /** A ticket was made; the log writes the public name of its key. */
  #made(keyName: string, { atMs }: At): Decoded {
    const { endpoint, node } = this.#defaults;
    const use = { use: "issued", count: 1, lifetimeHintS: null } as const;
    return { kind: "key", key: { atMs, endpoint, node, keyName, ...use } };
  }

  #completed(attempt: Attempt | undefined, { at, last }: { at: At; last: string }): Decoded {
    this.#tellsHandshakes = true;
    const [, cipher = null, protocol, resumption] = COMPLETED.exec(last) ?? [];
    if (protocol !== undefined && !isProtocol(protocol))
      return { kind: "refused", reason: unknownProtocol(protocol) };
    const outcome = resumption === undefined ? null : resumption === "yes" ? "resumed" : "full";
    const offered = attempt?.offered ?? null;
    const isUnknownKey = outcome === "full" && offered?.known === false;
    const handshakeMs = attempt ? at.atMs - attempt.startMs : -1;
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(attempt, at),
        protocol: protocol ?? null,
        cipher,
        outcome,
        offer: attempt && outcome ? offerOf(attempt, protocol, outcome) : null,
        mechanism: outcome === "resumed" ? mechanismOf(attempt, protocol) : null,
        reason: isUnknownKey ? "unknown_key" : null,
        earlyData: attempt?.early ? "accepted" : null,
        handshakeUs: handshakeMs >= 0 ? handshakeMs * 1000 : null,
        keyName: textOf(offered?.key),
      },
    };
  }

  /** Why a connection that ends without a handshake has failed; null where it may be one without TLS. */
  #failureOf(attempt: Attempt, last: string): string | null {
    const openssl = FAILED.exec(last)?.[1];
    if (openssl !== undefined) return /^\d+$/.test(openssl) ? `libssl error ${openssl}` : openssl;
    if (attempt.served || this.#hasClearText) return null;
    return /\] Time out$/.test(last) ? "handshake timed out" : "closed during the handshake";
  }

  #place(attempt: Attempt | undefined, { atMs }: At) {
    const { endpoint, node, region } = this.#defaults;
    return { ...UNKNOWN_HANDSHAKE, atMs, endpoint, node, region, client: attempt?.client ?? null };
  }

  #changed(kind: ChangeKind, title: string, atMs: number): Decoded {
    const { endpoint, node, region } = this.#defaults;
    const place = { endpoint, node, region };
    return {
      kind: "change",
      change: { kind, atMs, endMs: null, ...place, title, detail: null, ref: null, actor: null },
    };
  }
}

/**
 * What the client offered. A client that was given a ticket now and showed none offered nothing; one that takes no
 * tickets may have offered a session id, which the log does not tell unless it was accepted: that would bias the rates.
 */
function offerOf(
  attempt: Attempt,
  protocol: Protocol | undefined,
  outcome: "full" | "resumed",
): Offer | null {
  if (attempt.offered) return protocol === "TLSv1.3" ? "psk" : "ticket";
  return attempt.issued && outcome === "full" ? "none" : null;
}

/** Which mechanism resumed; null below TLS 1.3 where the stream began after the lines that would tell. */
function mechanismOf(attempt: Attempt | undefined, protocol: Protocol | undefined): Mechanism | null {
  if (protocol === "TLSv1.3") return "psk";
  if (!attempt) return null;
  return attempt.offered?.known ? "ticket" : "session_id";
}

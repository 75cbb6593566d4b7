import { readDer, readOne, wholeOf } from "./der.ts";

/**
 * What a client's session says, out of OpenSSL's serialised SSL_SESSION (i2d_SSL_SESSION: a SEQUENCE of version, protocol,
 * cipher, session id and master secret, then explicitly tagged fields). Held in memory for a round, never kept.
 */
export type Session = {
  /** As it is given back to TLS, without Node's wrapping. */
  readonly serialised: Buffer;
  readonly protocol: "TLSv1.2" | "TLSv1.3" | "older";
  readonly sessionId: Buffer;
  /** Master secret (1.2) or resumption PSK (1.3), to recognise it in an opened ticket. */
  readonly secret: Buffer;
  /** Null where the session is resumed by its id. */
  readonly ticket: Buffer | null;
  /** Seconds; null: none, or 0, which says nothing (RFC 5077 3.3). */
  readonly lifetimeHintS: number | null;
  /** max_early_data_size in bytes; 0 where early data is not offered. */
  readonly maxEarlyDataBytes: number;
};

const PROTOCOLS: Readonly<Record<number, Session["protocol"]>> = { 771: "TLSv1.2", 772: "TLSv1.3" };
// Context tags of the optional fields, constructed.
const LIFETIME_HINT = 0xa9;
const TICKET = 0xaa;
const MAX_EARLY_DATA = 0xaf;
/** A TLS 1.3 ticket of OpenSSL that only refers to the server's memory is a session id: 32 random bytes. */
const REFERENCE_BYTES = 32;
const LONGEST_WRAPPING = 1_024;

/** Decodes a session as Node hands it out; null where it is none. */
export function decodeSession(data: Buffer): Session | null {
  const serialised = unwrap(data);
  const whole = serialised && readOne(serialised);
  const fields = whole?.tag === 0x30 ? readDer(whole.body) : null;
  if (!serialised || !fields) return null;
  const [, version, , sessionId, secret] = fields;
  const protocol = version && wholeOf(version);
  if (typeof protocol !== "number" || sessionId?.tag !== 0x04 || secret?.tag !== 0x04) return null;
  const field = (tag: number) => {
    const found = fields.find((value, index) => index > 4 && value.tag === tag);
    return found ? readOne(found.body) : null;
  };
  const hint = field(LIFETIME_HINT);
  const early = field(MAX_EARLY_DATA);
  const ticket = field(TICKET);
  return {
    serialised,
    protocol: PROTOCOLS[protocol] ?? "older",
    sessionId: sessionId.body,
    secret: secret.body,
    ticket: ticket?.tag === 0x04 && ticket.body.length > 0 ? ticket.body : null,
    lifetimeHintS: (hint && wholeOf(hint)) || null,
    maxEarlyDataBytes: (early && wholeOf(early)) ?? 0,
  };
}

/**
 * Node 26 writes the server name before the session, and takes it back under that name only. The prober offers sessions
 * under other names on purpose, so it keeps what stands behind: the one SEQUENCE that reaches to the end.
 */
function unwrap(data: Buffer): Buffer | null {
  for (let at = data.indexOf(0x30); at >= 0 && at <= LONGEST_WRAPPING; at = data.indexOf(0x30, at + 1)) {
    const rest = data.subarray(at);
    const whole = readOne(rest);
    if (whole && readDer(whole.body)) return rest;
  }
  return null;
}

/** Whether a ticket is only a reference to the server's memory; null without a ticket. */
export function isStateful({ ticket }: Session): boolean | null {
  return ticket === null ? null : ticket.length === REFERENCE_BYTES;
}

/** The session as a file of `openssl s_client -sess_in`, PEM. */
export function pemOf({ serialised }: Session): string {
  const lines = serialised.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN SSL SESSION PARAMETERS-----\n${lines.join("\n")}\n-----END SSL SESSION PARAMETERS-----\n`;
}

const NAME_BYTES = 16;

/**
 * Public key names of tickets, hexadecimal: the first 16 bytes (RFC 5077 section 4) that at least two different tickets
 * have in common. Stacks that write no name begin with a random value instead (Go since 1.21), so one ticket alone tells nothing.
 */
export function keyNamesOf(tickets: readonly Buffer[]): string[] {
  const seen = new Map<string, Set<string>>();
  for (const ticket of tickets) {
    if (ticket.length < 2 * NAME_BYTES || ticket.length === REFERENCE_BYTES) continue;
    const name = ticket.subarray(0, NAME_BYTES).toString("hex");
    const others = seen.get(name) ?? new Set();
    seen.set(name, others.add(ticket.toString("base64")));
  }
  return [...seen].filter(([, others]) => others.size > 1).map(([name]) => name);
}

/** What stands where a ticket has its key's name, hexadecimal; null without a ticket. A name only if keyNamesOf says so. */
export function nameOf({ ticket }: Session): string | null {
  return ticket === null ? null : ticket.toString("hex", 0, NAME_BYTES);
}

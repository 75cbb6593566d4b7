import type { Offer } from "./vocabulary.ts";

/** What a ClientHello says about resumption, in the clear (RFC 8446 4.1.2, RFC 5246 7.4.1.2). */
export type ClientHello = {
  readonly offer: Offer;
  /**
   * First 16 bytes of the offered ticket, hex: OpenSSL's key name. Null without a ticket long enough to hold one: a
   * short PSK identity is the random id of a session that the server keeps itself.
   */
  readonly keyName: string | null;
  /** The offered session id, hex; null when the offer is another. */
  readonly sessionId: string | null;
  readonly serverName: string | null;
  readonly earlyData: boolean;
  readonly supportsTls13: boolean;
};
/** `incomplete`: more bytes are needed. `invalid`: these bytes are no ClientHello. */
export type ParsedHello = ClientHello | "incomplete" | "invalid";

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const EXTENSION = {
  serverName: 0,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
} as const;
const TLS13 = 0x0304;
const KEY_NAME_BYTES = 16;
/** Name, initialization vector and HMAC-SHA-256 around the encrypted state (RFC 5077 section 4). */
const TICKET_FRAME_BYTES = 16 + 16 + 32;

/** Reads big-endian fields; out of bounds it answers zeros and remembers, so that nothing throws. */
class Reader {
  at = 0;
  broken = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  number(size: 1 | 2 | 3): number {
    if (this.left < size) {
      this.broken = true;
      return 0;
    }
    const value = this.#bytes.readUIntBE(this.at, size);
    this.at += size;
    return value;
  }

  bytes(length: number): Buffer {
    if (this.left < length) {
      this.broken = true;
      this.at = this.#bytes.length;
      return Buffer.alloc(0);
    }
    const slice = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return slice;
  }
}

/**
 * Parses the first bytes of a connection as a ClientHello, across records. Never throws. In TLS 1.3 the legacy session
 * id is made up by the client (middlebox compatibility, RFC 8446 D.4) and is no offer.
 */
export function parseClientHello(stream: Buffer): ParsedHello {
  const handshake = joinRecords(stream);
  if (typeof handshake === "string") return handshake;
  const reader = new Reader(handshake);
  if (reader.number(1) !== CLIENT_HELLO) return handshake.length === 0 ? "incomplete" : "invalid";
  const length = reader.number(3);
  if (reader.broken || reader.left < length) return "incomplete";
  reader.bytes(2 + 32);
  const sessionId = reader.bytes(reader.number(1));
  reader.bytes(reader.number(2));
  reader.bytes(reader.number(1));
  const extensions = readExtensions(reader);
  return reader.broken ? "invalid" : describe(sessionId, extensions);
}

function joinRecords(stream: Buffer): Buffer | "incomplete" | "invalid" {
  const parts: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    if (stream[at] !== HANDSHAKE_RECORD) return parts.length === 0 ? "invalid" : Buffer.concat(parts);
    if (stream.length < at + 5) break;
    const length = stream.readUInt16BE(at + 3);
    const body = stream.subarray(at + 5, at + 5 + length);
    parts.push(body);
    at += 5 + length;
  }
  return parts.length === 0 ? "incomplete" : Buffer.concat(parts);
}

function readExtensions(reader: Reader): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  if (reader.left < 2) return found;
  const list = new Reader(reader.bytes(reader.number(2)));
  while (list.left >= 4) {
    const type = list.number(2);
    found.set(type, list.bytes(list.number(2)));
  }
  return found;
}

function describe(sessionId: Buffer, extensions: ReadonlyMap<number, Buffer>): ClientHello {
  const versions = extensions.get(EXTENSION.supportedVersions)?.subarray(1) ?? Buffer.alloc(0);
  const supportsTls13 = Array.from({ length: versions.length >> 1 }, (_, i) =>
    versions.readUInt16BE(i * 2),
  ).includes(TLS13);
  const identity = pskIdentity(extensions.get(EXTENSION.preSharedKey));
  const ticket = extensions.get(EXTENSION.sessionTicket) ?? Buffer.alloc(0);
  const offered = identity ?? (ticket.length > 0 ? ticket : null);
  const offer: Offer = identity
    ? "psk"
    : ticket.length > 0
      ? "ticket"
      : sessionId.length > 0 && !supportsTls13
        ? "session_id"
        : "none";
  return {
    offer,
    keyName:
      offered && offered.length > TICKET_FRAME_BYTES ? offered.toString("hex", 0, KEY_NAME_BYTES) : null,
    sessionId: offer === "session_id" ? sessionId.toString("hex") : null,
    serverName: serverNameOf(extensions.get(EXTENSION.serverName)),
    earlyData: extensions.has(EXTENSION.earlyData),
    supportsTls13,
  };
}

function pskIdentity(extension: Buffer | undefined): Buffer | null {
  if (!extension) return null;
  const reader = new Reader(extension);
  reader.number(2);
  const identity = reader.bytes(reader.number(2));
  return reader.broken || identity.length === 0 ? null : identity;
}

function serverNameOf(extension: Buffer | undefined): string | null {
  if (!extension) return null;
  const reader = new Reader(extension);
  reader.number(2);
  const type = reader.number(1);
  const name = reader.bytes(reader.number(2)).toString("latin1");
  return reader.broken || type !== 0 || name === "" ? null : name;
}

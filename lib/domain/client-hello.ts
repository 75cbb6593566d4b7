import { ByteReader } from "./byte-reader.ts";
import type { Offer } from "./vocabulary.ts";

/** What a ClientHello says, in the clear (RFC 8446 4.1.2, RFC 5246 7.4.1.2). Bytes are of the message, not copied. */
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
  /** The session id as it stands, be it an offer or made up. */
  readonly legacySessionId: Uint8Array;
  readonly legacyVersion: number;
  /** Versions of supported_versions, in order; empty without it. */
  readonly versions: readonly number[];
  readonly ciphers: readonly number[];
  /** Numbers of the extensions, in order. */
  readonly extensions: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  /** First protocol of ALPN; null without one. */
  readonly alpn: Uint8Array | null;
  /** PSK identities in order, the first few; the ticket of TLS 1.2 where there is no PSK; else empty. */
  readonly tickets: readonly Uint8Array[];
};
/** `incomplete`: more bytes are needed. `invalid`: these bytes are no ClientHello. */
export type ParsedHello = ClientHello | "incomplete" | "invalid";

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const EXTENSION = {
  serverName: 0,
  signatureAlgorithms: 13,
  alpn: 16,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
} as const;
const TLS13 = 0x0304;
const KEY_NAME_BYTES = 16;
/** Name, initialization vector and HMAC-SHA-256 around the encrypted state (RFC 5077 section 4). */
const TICKET_FRAME_BYTES = 16 + 16 + 32;
/** More identities than a client sends; what is beyond is not looked at. */
const MAX_IDENTITIES = 8;
const NOTHING = new Uint8Array(0);

/** OpenSSL's key name of a ticket, 32 hex digits; null for one too short to be made of name, state and seal. */
export function keyNameOf(ticket: Uint8Array): string | null {
  return ticket.length > TICKET_FRAME_BYTES ? hexOf(ticket.subarray(0, KEY_NAME_BYTES)) : null;
}

/** Bytes as hex digits, lower case. */
export function hexOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("hex");
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Parses the first bytes of a connection as a ClientHello, across records. Never throws. In TLS 1.3 the legacy session
 * id is made up by the client (middlebox compatibility, RFC 8446 D.4) and is no offer.
 */
export function parseClientHello(stream: Buffer): ParsedHello {
  const handshake = joinRecords(stream);
  if (typeof handshake === "string") return handshake;
  const reader = new ByteReader(handshake);
  if (reader.number(1) !== CLIENT_HELLO) return handshake.length === 0 ? "incomplete" : "invalid";
  const length = reader.number(3);
  if (reader.broken || reader.left < length) return "incomplete";
  return readClientHello(reader.bytes(length)) ?? "invalid";
}

/** Reads the body of a ClientHello message, without its type and length; null for what is none. Never throws. */
export function readClientHello(body: Uint8Array): ClientHello | null {
  const reader = new ByteReader(body);
  const legacyVersion = reader.number(2);
  reader.bytes(32);
  const sessionId = reader.bytes(reader.number(1));
  const ciphers = reader.bytes(reader.number(2));
  reader.bytes(reader.number(1));
  const extensions = readExtensions(reader);
  if (reader.broken) return null;
  return describe({ legacyVersion, sessionId, ciphers: numbersOf(ciphers), extensions });
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

/** Extensions of a hello from where the reader stands, by number in their order; none where the message ends before. */
export function readExtensions(reader: ByteReader): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  if (reader.left < 2) return found;
  const list = new ByteReader(reader.bytes(reader.number(2)));
  while (list.left >= 4) {
    const type = list.number(2);
    found.set(type, list.bytes(list.number(2)));
  }
  return found;
}

type Parts = {
  readonly legacyVersion: number;
  readonly sessionId: Uint8Array;
  readonly ciphers: readonly number[];
  readonly extensions: ReadonlyMap<number, Uint8Array>;
};

function describe({ legacyVersion, sessionId, ciphers, extensions }: Parts): ClientHello {
  const versions = numbersOf(extensions.get(EXTENSION.supportedVersions)?.subarray(1) ?? NOTHING);
  const supportsTls13 = versions.includes(TLS13);
  const identities = pskIdentities(extensions.get(EXTENSION.preSharedKey));
  const ticket = extensions.get(EXTENSION.sessionTicket) ?? NOTHING;
  const tickets = identities.length > 0 ? identities : ticket.length > 0 ? [ticket] : [];
  const offer: Offer =
    identities.length > 0
      ? "psk"
      : ticket.length > 0
        ? "ticket"
        : sessionId.length > 0 && !supportsTls13
          ? "session_id"
          : "none";
  return {
    offer,
    keyName: tickets[0] ? keyNameOf(tickets[0]) : null,
    sessionId: offer === "session_id" ? hexOf(sessionId) : null,
    serverName: serverNameOf(extensions.get(EXTENSION.serverName)),
    earlyData: extensions.has(EXTENSION.earlyData),
    supportsTls13,
    ...{ legacySessionId: sessionId, legacyVersion, versions, ciphers, tickets },
    extensions: [...extensions.keys()],
    signatureAlgorithms: numbersOf(extensions.get(EXTENSION.signatureAlgorithms)?.subarray(2) ?? NOTHING),
    alpn: firstProtocol(extensions.get(EXTENSION.alpn)),
  };
}

function numbersOf(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2)
    numbers.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return numbers;
}

function pskIdentities(extension: Uint8Array | undefined): Uint8Array[] {
  if (!extension) return [];
  const outer = new ByteReader(extension);
  const list = new ByteReader(outer.bytes(outer.number(2)));
  const identities: Uint8Array[] = [];
  while (list.left > 0 && identities.length < MAX_IDENTITIES) {
    const identity = list.bytes(list.number(2));
    list.number(4);
    if (list.broken || identity.length === 0) break;
    identities.push(identity);
  }
  return identities;
}

function serverNameOf(extension: Uint8Array | undefined): string | null {
  if (!extension) return null;
  const reader = new ByteReader(extension);
  reader.number(2);
  const type = reader.number(1);
  const name = bufferOf(reader.bytes(reader.number(2))).toString("latin1");
  return reader.broken || type !== 0 || name === "" ? null : name;
}

function firstProtocol(extension: Uint8Array | undefined): Uint8Array | null {
  if (!extension) return null;
  const reader = new ByteReader(extension);
  reader.number(2);
  const name = reader.bytes(reader.number(1));
  return reader.broken || name.length === 0 ? null : name;
}

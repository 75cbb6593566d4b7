import { ByteReader } from "../../lib/domain/byte-reader.ts";
import { readExtensions } from "../../lib/domain/client-hello.ts";
import { u16 } from "./bytes.ts";

/** What a ServerHello says in the clear (RFC 8446 4.1.3, RFC 5246 7.4.1.3). */
export type ServerHello = {
  /** Negotiated version, from supported_versions where there is one. */
  readonly version: number;
  readonly cipher: number;
  /** Group of key_share (TLS 1.3); null without one. */
  readonly group: number | null;
  readonly sessionId: Uint8Array;
  /** Which of the offered PSKs was taken; null when none. */
  readonly selectedPsk: number | null;
  readonly isRetry: boolean;
  /** Protocol of ALPN, in the clear up to TLS 1.2; null otherwise. */
  readonly alpn: Uint8Array | null;
};
/** A ticket as issued in TLS 1.2 (RFC 5077 3.3). */
export type IssuedTicket = { readonly lifetimeHintS: number; readonly ticket: Uint8Array };

const EXTENSION = { alpn: 16, preSharedKey: 41, supportedVersions: 43, keyShare: 51 } as const;
/** The random of a HelloRetryRequest: SHA-256 of its name (RFC 8446 4.1.3). */
const RETRY = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");
const NAMED_CURVE = 3;

/** Reads the body of a ServerHello message; null for what is none. Never throws. */
export function readServerHello(body: Uint8Array): ServerHello | null {
  const reader = new ByteReader(body);
  const legacyVersion = reader.number(2);
  const random = reader.bytes(32);
  const sessionId = reader.bytes(reader.number(1));
  const cipher = reader.number(2);
  reader.number(1);
  const extensions = readExtensions(reader);
  if (reader.broken) return null;
  const versions = extensions.get(EXTENSION.supportedVersions);
  const share = extensions.get(EXTENSION.keyShare);
  const psk = extensions.get(EXTENSION.preSharedKey);
  const alpn = extensions.get(EXTENSION.alpn);
  return {
    version: versions && versions.length >= 2 ? u16(versions, 0) : legacyVersion,
    cipher,
    group: share && share.length >= 2 ? u16(share, 0) : null,
    sessionId,
    selectedPsk: psk && psk.length >= 2 ? u16(psk, 0) : null,
    isRetry: RETRY.equals(random),
    alpn: alpn && alpn.length > 3 ? alpn.subarray(3, 3 + (alpn[2] ?? 0)) : null,
  };
}

/** Reads the body of a NewSessionTicket of TLS 1.2; null for what is none, or for an empty ticket (none is issued). */
export function readNewSessionTicket(body: Uint8Array): IssuedTicket | null {
  const reader = new ByteReader(body);
  const lifetimeHintS = reader.number(4);
  const ticket = reader.bytes(reader.number(2));
  return reader.broken || ticket.length === 0 ? null : { lifetimeHintS, ticket };
}

/** The named curve of a ServerKeyExchange (RFC 8422 5.4); null for finite-field Diffie-Hellman. */
export function curveOf(body: Uint8Array): number | null {
  return body.length >= 3 && body[0] === NAMED_CURVE ? u16(body, 1) : null;
}

import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { setImmediate as letOthersRun } from "node:timers/promises";
import type { WeakKeyProbe } from "../../lib/domain/probe.ts";
import { isStateful, type Session } from "./session.ts";

/**
 * Tickets against keys that anybody would guess (DOMAIN FM-07; Hebrok et al. 2023 found such keys in the field). For each
 * layout and pattern of key bytes two things are tried: whether the ticket's MAC is that of the key, and whether the key
 * decrypts the ticket to something that holds this session's own secret, which is proof.
 */
type Pattern = { readonly name: string; byteAt(index: number): number };
type Layout = {
  readonly name: string;
  readonly mac: "sha256" | "sha1";
  readonly cipher: "aes-256-cbc" | "aes-128-cbc" | "aes-128-ctr";
  /** Keys of the cipher and the MAC out of a pattern's bytes. */
  keys(bytes: (count: number) => Buffer): { readonly cipherKey: Buffer; readonly macKey: Buffer };
  /** The parts of a ticket; null where it cannot be of this layout. */
  split(ticket: Buffer): Parts | null;
};
type Parts = { readonly iv: Buffer; readonly sealed: Buffer; readonly signed: Buffer; readonly mac: Buffer };

const PATTERNS: readonly Pattern[] = [
  ...Array.from({ length: 256 }, (_, value) => ({
    name: value === 0 ? "all zero" : `only the byte 0x${value.toString(16).padStart(2, "0")}`,
    byteAt: () => value,
  })),
  { name: "counting up from 0", byteAt: (index) => index },
  { name: "counting up from 1", byteAt: (index) => index + 1 },
  { name: "counting down from 255", byteAt: (index) => 255 - index },
];

/** name (16) | IV (16) | sealed | HMAC over all before (RFC 5077 section 4, as OpenSSL writes it); `named` false: without name. */
function rfc5077(ticket: Buffer, { named, block }: { named: boolean; block: number }): Parts | null {
  const from = named ? 32 : 16;
  const end = ticket.length - 32;
  if (end - from < 16 || (end - from) % block !== 0) return null;
  return {
    iv: ticket.subarray(from - 16, from),
    sealed: ticket.subarray(from, end),
    signed: ticket.subarray(0, end),
    mac: ticket.subarray(end),
  };
}

/** name (16) | IV (16) | length (2) | sealed | HMAC-SHA1 (20): GnuTLS 3. */
function gnutls(ticket: Buffer): Parts | null {
  const end = ticket.length - 20;
  if (end < 50 || ticket.readUInt16BE(32) !== end - 34 || (end - 34) % 16 !== 0) return null;
  return {
    iv: ticket.subarray(16, 32),
    sealed: ticket.subarray(34, end),
    signed: ticket.subarray(0, end),
    mac: ticket.subarray(end),
  };
}

const same =
  (cipherBytes: number, macBytes: number): Layout["keys"] =>
  (bytes) => ({ cipherKey: bytes(cipherBytes), macKey: bytes(macBytes) });
/** Go derives name, cipher and MAC key from 32 bytes by SHA-512. */
const fromSeed: Layout["keys"] = (bytes) => {
  const digest = createHash("sha512").update(bytes(32)).digest();
  return { cipherKey: digest.subarray(16, 32), macKey: digest.subarray(32, 48) };
};
const openssl = (ticket: Buffer): Parts | null => rfc5077(ticket, { named: true, block: 16 });

/** The layouts that are tried, as docs/probe.md names them. */
export const LAYOUTS: readonly Layout[] = [
  {
    ...{ name: "OpenSSL, key of 80 bytes", mac: "sha256", cipher: "aes-256-cbc" },
    ...{ keys: same(32, 32), split: openssl },
  },
  {
    ...{ name: "OpenSSL, key of 48 bytes", mac: "sha256", cipher: "aes-128-cbc" },
    ...{ keys: same(16, 16), split: openssl },
  },
  {
    ...{ name: "GnuTLS 3", mac: "sha1", cipher: "aes-256-cbc" },
    ...{ keys: same(32, 16), split: gnutls },
  },
  {
    ...{ name: "Go", mac: "sha256", cipher: "aes-128-ctr", keys: fromSeed },
    split: (ticket) => rfc5077(ticket, { named: true, block: 1 }),
  },
  {
    ...{ name: "Go", mac: "sha256", cipher: "aes-128-ctr", keys: fromSeed },
    split: (ticket) => rfc5077(ticket, { named: false, block: 1 }),
  },
];

/** Keys that are tried on one ticket. */
export const CANDIDATES = LAYOUTS.length * PATTERNS.length;
/** Longest ticket looked at, bytes, and most of one round: enough to see that some are weak and others not. */
const LONGEST_TICKET = 4_096;
const MOST_TICKETS = 2;

/**
 * Tries the tickets of some sessions. Null where there is none to try. Computes for some 20 ms for two tickets of the usual
 * length, in ten parts, so that the collector goes on meanwhile.
 */
export async function testWeakKeys(sessions: readonly Session[]): Promise<WeakKeyProbe | null> {
  const tried = sessions
    .filter((session) => session.ticket !== null && session.ticket.length <= LONGEST_TICKET)
    .filter((session) => !isStateful(session))
    .slice(-MOST_TICKETS);
  if (tried.length === 0) return null;
  let found: string | null = null;
  for (const session of tried) found ??= await openedBy(session);
  return { candidates: CANDIDATES, tickets: tried.length, found };
}

async function openedBy({ ticket, secret }: Session): Promise<string | null> {
  if (ticket === null) return null;
  const whole = LAYOUTS.flatMap((layout) => {
    const parts = layout.split(ticket);
    return parts ? [{ layout, parts }] : [];
  });
  // What decrypts is proof; a MAC alone is looked for where nothing does.
  for (const { layout, parts } of whole) {
    const fits = ({ cipherKey: key }: Candidate): boolean => isOpened(layout, parts, { key, secret });
    const weak = keysOf(layout).find(fits);
    if (weak) return `${layout.name}: the encryption key is ${weak.name}`;
    await letOthersRun();
  }
  for (const { layout, parts } of whole) {
    const weak = keysOf(layout).find(({ macKey }) => macOf(layout, parts, macKey).equals(parts.mac));
    if (weak) return `${layout.name}: the MAC key is ${weak.name}`;
    await letOthersRun();
  }
  return null;
}

type Candidate = { readonly name: string; readonly cipherKey: Buffer; readonly macKey: Buffer };
const candidates = new Map<Layout, readonly Candidate[]>();

/** The keys that are tried on a layout, made once. */
function keysOf(layout: Layout): readonly Candidate[] {
  const known = candidates.get(layout);
  if (known) return known;
  const made = PATTERNS.map(({ name, byteAt }) => {
    const bytes = (count: number): Buffer =>
      Buffer.from(Array.from({ length: count }, (_, at) => byteAt(at)));
    return { name, ...layout.keys(bytes) };
  });
  candidates.set(layout, made);
  return made;
}

function macOf({ mac }: Layout, { signed }: Parts, key: Buffer): Buffer {
  return createHmac(mac, key).update(signed).digest();
}

/** Whether the key decrypts the ticket to a text with the session's secret in it. */
function isOpened(
  { cipher }: Layout,
  { iv, sealed }: Parts,
  { key, secret }: { readonly key: Buffer; readonly secret: Buffer },
): boolean {
  if (secret.length < 16) return false;
  const decipher = createDecipheriv(cipher, key, iv).setAutoPadding(false);
  return decipher.update(sealed).includes(secret);
}

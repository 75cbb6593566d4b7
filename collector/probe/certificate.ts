import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateProbe } from "../../lib/domain/probe.ts";

const LONGEST_CHAIN = 20;
const LONGEST_NAME = 500;
const MOST_NAMES = 100;
const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp256k1: 256,
  secp224r1: 224,
  prime192v1: 192,
};
const FIXED_BITS: Readonly<Record<string, number>> = { ed25519: 256, ed448: 456 };

/** The certificates that a server sent, the leaf first. */
export function chainOf(secure: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: X509Certificate | undefined = secure.getPeerX509Certificate();
  while (next && chain.length < LONGEST_CHAIN && next.fingerprint256 !== chain.at(-1)?.fingerprint256) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** The facts of a chain for the store; null without one. Names are cut, since they are the server's own text. */
export function describeChain(
  chain: readonly X509Certificate[],
  distrust: string | null,
): CertificateProbe | null {
  const [leaf] = chain;
  if (!leaf) return null;
  return {
    subject: inOneLine(leaf.subject),
    issuer: inOneLine(leaf.issuer),
    names: (leaf.subjectAltName ?? "").split(", ").filter(Boolean).slice(0, MOST_NAMES).map(inOneLine),
    validFromMs: momentOf(leaf.validFrom),
    validToMs: momentOf(leaf.validTo),
    ...keyOf(leaf),
    fingerprint256: leaf.fingerprint256,
    chainLength: chain.length,
    trusted: distrust === null,
    distrust,
  };
}

function keyOf(leaf: X509Certificate): Pick<CertificateProbe, "keyType" | "keyBits"> {
  try {
    const { asymmetricKeyType: keyType = null, asymmetricKeyDetails: details } = leaf.publicKey;
    const curve = details?.namedCurve;
    const keyBits = details?.modulusLength ?? (curve ? CURVE_BITS[curve] : FIXED_BITS[keyType ?? ""]) ?? null;
    return { keyType, keyBits };
  } catch (error) {
    // A key of a kind that OpenSSL does not know: not known is what is said.
    if (error instanceof Error) return { keyType: null, keyBits: null };
    throw error;
  }
}

function inOneLine(text: string | undefined): string {
  return (text ?? "").replaceAll("\n", ", ").slice(0, LONGEST_NAME);
}

function momentOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

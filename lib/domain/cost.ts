/** CPU of handshakes (DOMAIN.md 3.3, measured with openssl s_server): what resuming saves. */
import type { Protocol } from "./vocabulary.ts";

export type CertificateType = "rsa_2048" | "ecdsa_p256";
type Cost = { readonly fullUs: number; readonly resumedUs: number };

/** Server user CPU in microseconds a handshake. */
export const COST_TABLE: Readonly<Record<CertificateType, Readonly<Record<"TLSv1.2" | "TLSv1.3", Cost>>>> = {
  rsa_2048: { "TLSv1.2": { fullUs: 760, resumedUs: 187 }, "TLSv1.3": { fullUs: 880, resumedUs: 387 } },
  ecdsa_p256: { "TLSv1.2": { fullUs: 453, resumedUs: 200 }, "TLSv1.3": { fullUs: 680, resumedUs: 427 } },
};

/**
 * CPU microseconds that one resumed handshake saves. Where the certificate is not known, the cheaper ECDSA P-256 is
 * taken, so the saving is a lower bound; protocols before TLS 1.2 cost as TLS 1.2.
 */
export function savedUs(protocol: Protocol | null, certificate: CertificateType = "ecdsa_p256"): number {
  const cost = COST_TABLE[certificate][protocol === "TLSv1.3" ? "TLSv1.3" : "TLSv1.2"];
  return cost.fullUs - cost.resumedUs;
}

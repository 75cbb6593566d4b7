import { isIP } from "node:net";

/** Where instrumentation.ts puts the peer of a request's connection, over whatever the client may have sent. */
export const PEER_HEADER = "x-reprise-peer";

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/**
 * The address that a request came from: the connection's peer; where that is this host itself (a reverse proxy), the last
 * address in X-Forwarded-For, which that proxy added. null where neither is an address.
 */
export function addressOf(request: Request): string | null {
  const peer = addressIn(request.headers.get(PEER_HEADER));
  if (peer === null || !LOOPBACK.test(peer)) return peer;
  return addressIn(request.headers.get("x-forwarded-for")?.split(",").at(-1)) ?? peer;
}

function addressIn(text: string | null | undefined): string | null {
  const address = text?.trim().replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  return isIP(address) ? address : null;
}

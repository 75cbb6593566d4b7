import { isIP } from "node:net";
import { type Networks, networksOf } from "@/lib/runtime/networks.ts";
import { readSettings } from "@/lib/runtime/settings.ts";

/** Where instrumentation.ts puts the peer of a request's connection, over whatever the client may have sent. */
export const PEER_HEADER = "x-reprise-peer";

const nobody: Networks = () => false;

/**
 * The address that a request came from: the connection's peer; where that is a trusted proxy (REPRISE_TRUSTED_PROXIES), the last
 * address in X-Forwarded-For that is none. null where the peer is not known.
 */
export function addressOf(request: Request): string | null {
  return addressBehind(request.headers, trustedProxies());
}

/** Who is believed about whom it speaks for. Throws SettingsError for what is no network. */
export function trustedProxies(): Networks {
  return networksOf("REPRISE_TRUSTED_PROXIES", readSettings(process.env).trustedProxies) ?? nobody;
}

/** The same, with the proxies that are trusted. */
export function addressBehind(headers: Headers, isTrusted: Networks): string | null {
  const peer = addressIn(headers.get(PEER_HEADER));
  if (peer === null || !isTrusted(peer)) return peer;
  let nearest = peer;
  // Each proxy adds whom it heard at the end: from there on back, as far as proxies of ours tell.
  for (const told of (headers.get("x-forwarded-for") ?? "").split(",").reverse()) {
    const address = addressIn(told);
    if (address === null) return nearest;
    nearest = address;
    if (!isTrusted(address)) return address;
  }
  return nearest;
}

function addressIn(text: string | null | undefined): string | null {
  const address = text?.trim().replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  return isIP(address) ? address : null;
}

import { isLoopback } from "@/lib/runtime/networks.ts";

/** Whether a writing request comes from a page of this console (Fetch Metadata, then Origin), not from another site. */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = request.headers.get("origin");
  // Scripts send neither; browsers always send one with a POST.
  return origin === null || (URL.canParse(origin) && new URL(origin).host === request.headers.get("host"));
}

/**
 * Whether a request names this machine, or the console as `consoleUrl` has it, in its Host: a name of somebody else's that was made to
 * lead here (DNS rebinding) is another site's page. Requests without Host are none of a browser's.
 */
export function isOwnHost(headers: Headers, consoleUrl: string): boolean {
  const host = headers.get("host");
  if (host === null) return true;
  if (/[@/?#\s]/.test(host) || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  if (isLoopback(hostname.replace(/^\[|\]$/g, ""))) return true;
  return URL.canParse(consoleUrl) && new URL(consoleUrl).host === host;
}

/** The host of `host:port`, brackets of IPv6 taken off; null where there is no port or the value is no text. */
export function hostOfAddress(value: unknown): string | null {
  const match = typeof value === "string" ? /^(.+):\d{1,5}$/.exec(value) : null;
  return match?.[1] ? match[1].replace(/^\[(.*)\]$/, "$1") : null;
}

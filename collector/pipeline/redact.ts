/** Longest evidence kept of a refused line. */
export const MAX_EVIDENCE = 200;

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // Addresses of clients.
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, "x.x.x.x"],
  [/(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){2,7}(?::|[0-9a-f]{1,4})(?:[0-9a-f:]*[0-9a-f])?(?![0-9a-f:])/gi, "x::x"],
  // Session ids, tickets, randoms, tokens: long runs of hex or base64.
  [/\b[0-9a-f]{16,}\b/gi, "…"],
  [/[A-Za-z0-9+/_-]{32,}={0,2}/g, "…"],
  // What paths and queries carry is nobody's business here.
  [/\?[^\s"']{1,}/g, "?…"],
  [/[\w.+-]+@[\w-]+\.[\w.]+/g, "…@…"],
];

/**
 * A refused line as evidence: shortened, on one line, without client addresses, session ids, tickets, query strings and
 * mail addresses. Times keep their colons: three groups of hex digits are no address unless they could be one.
 */
export function redact(line: string): string {
  // Cut before matching, so that no line is expensive; once more after, since replacements may be longer.
  let text = line.slice(0, MAX_EVIDENCE * 4);
  text = text.replace(/\b\d\d:\d\d:\d\d\b/g, (time) => time.replaceAll(":", "\u0001"));
  for (const [pattern, instead] of SECRETS) text = text.replace(pattern, instead);
  return text
    .replaceAll("\u0001", ":")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .slice(0, MAX_EVIDENCE);
}

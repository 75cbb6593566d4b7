import type { ProbeFailure } from "../../lib/domain/probe.ts";

const LONGEST_DETAIL = 200;
const UNREACHABLE = [
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EADDRNOTAVAIL",
  "EACCES",
];

/** What an error of a connection means, in one of few kinds and one sentence that holds nothing of the server's own text. */
export function failureOf(error: Error, connected: boolean): ProbeFailure {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const said = (detail: string): string => detail.slice(0, LONGEST_DETAIL);
  if (code === "ECONNREFUSED") return { problem: "refused", detail: "connection refused" };
  if (UNREACHABLE.includes(code) || (!connected && code !== ""))
    return { problem: "unreachable", detail: said(`cannot be reached (${code || "unknown error"})`) };
  if (code === "ECONNRESET" || code === "EPIPE")
    return { problem: "reset", detail: "the server broke off the connection within the handshake" };
  if (/ALERT/.test(code)) return { problem: "alert", detail: said(`the server refused with ${words(code)}`) };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE/.test(code))
    return { problem: "not_tls", detail: said(`what answers speaks no TLS (${words(code)})`) };
  if (/EXCESSIVE_MESSAGE_SIZE|LENGTH_TOO_LONG/.test(code))
    return { problem: "too_large", detail: said(`a message is too large (${words(code)})`) };
  return { problem: "alert", detail: said(`no TLS handshake (${words(code) || "unknown error"})`) };
}

/** ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION as "tlsv1 alert protocol version". */
function words(code: string): string {
  return code
    .replace(/^ERR_SSL_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
}

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { failureText } from "../fields.ts";
import { clfMs } from "../formats/kinds.ts";
import type { Decoded, LineDefaults } from "../source.ts";

// 127.0.0.1:34174 [25/Nov/2026:22:47:14.022] fe/1: SSL handshake failure (error:…)
const LINE =
  /^(\S{2,80}):\d{1,5} \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] [^\s:]{1,200}: (.{0,400})$/s;
const ABOUT_TLS = /^(SSL|Timeout during SSL|Connection (closed|error) during SSL) /;

/**
 * A failed handshake as HAProxy logs it where no error-log-format is set; null for another line. Its time carries no
 * zone: on a live stream the arrival counts, in a file it is read as local time.
 */
export function decodeFailureLine(line: string, receivedMs: number, defaults: LineDefaults): Decoded | null {
  const match = LINE.exec(line);
  if (!match) return null;
  const [, client = null, time = "", message = ""] = match;
  if (!ABOUT_TLS.test(message)) return { kind: "ignored", why: "irrelevant" };
  const cause = /\((error:.*)\)$/s.exec(message)?.[1] ?? message;
  const { endpoint, node, region, live } = defaults;
  const atMs = live ? receivedMs : (clfMs(time) ?? receivedMs);
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint,
      node,
      region,
      client,
      outcome: "failed",
      alert: failureText(cause),
    },
  };
}

/** Whether a line tells of a failed handshake in this form. */
export function isFailureLine(line: string): boolean {
  const match = LINE.exec(line);
  return match !== null && ABOUT_TLS.test(match[3] ?? "");
}

import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { failureText } from "../fields.ts";
import { type Decoded, isDatedByArrival, type LineDefaults } from "../source.ts";

const LINE = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[(\w+)\] (\d+)#(\d+): (?:\*(\d+) )?(.*)$/s;

/** Whether a line has the shape of nginx's error log. */
export function isErrorLine(line: string): boolean {
  return LINE.test(line);
}

/**
 * Failed handshakes (level info) and reloads (level notice) of the error log. Its times carry no time zone: on a live
 * stream the arrival counts, in a file they are read as local time.
 */
export function decodeErrorLine(line: string, receivedMs: number, defaults: LineDefaults): Decoded {
  const match = LINE.exec(line);
  if (!match) return { kind: "refused", reason: "not an error_log line" };
  const [, year, month, day, hour, minute, second, , , , , message = ""] = match;
  const own = new Date(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const atMs = isDatedByArrival(defaults) ? receivedMs : own.getTime();
  if (/^signal \d+ \(SIGHUP\) received.*reconfiguring/.test(message))
    return { kind: "change", change: { ...reload(defaults), atMs, detail: message } };
  const failure = failureOf(message);
  if (failure === null) return { kind: "ignored", why: "irrelevant" };
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      endpoint: defaults.endpoint,
      node: defaults.node,
      region: defaults.region,
      outcome: "failed",
      client: /client: ([^,\s]+)/.exec(message)?.[1] ?? null,
      alert: failure,
    },
  };
}

function reload(defaults: LineDefaults) {
  const { endpoint, node, region } = defaults;
  const title = "nginx reloaded its configuration";
  return { kind: "reload" as const, endMs: null, endpoint, node, region, title, ref: null, actor: null };
}

/** The cause of a failed handshake in nginx's or OpenSSL's words; null for a line about something else. */
function failureOf(message: string): string | null {
  if (message.includes("client sent plain HTTP request to HTTPS port")) return "http request";
  const at = message.indexOf(" while SSL handshaking");
  if (at < 0) return null;
  const head = message.slice(0, at);
  const openssl = /\(SSL: error:[0-9A-F]+:[^:]*:[^:]*:([^:)]+)/.exec(head);
  return failureText(openssl?.[1] ?? head.replace(/\(\d+: ([^)]*)\)/, "($1)"));
}

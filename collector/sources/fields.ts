/** Small readers of loosely typed log fields: proxies write numbers as text, and "-" or "" for nothing. */

import { PROTOCOLS, type Protocol } from "../../lib/domain/vocabulary.ts";
import { parseJson } from "../../lib/runtime/json.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Longest part of a key: an IPv6 address, a session id or a client random has at most 64 characters. */
const MAX_KEY_PART = 64;

/** What a text, a number or a truth value says, as text; "" for anything else, which may not even have a text. */
export function scalarOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? `${value}`
    : "";
}

/**
 * A key to remember something by (a connection, mostly), made of fields. Each part is bounded, and the whole is a text of
 * its own, so that what is remembered does not keep the lines that it came from.
 */
export function keyOf(...parts: readonly unknown[]): string {
  // The empty part makes join copy: of a single one it would hand back a slice, which holds the line that it is cut from.
  return ["", ...parts.map((part) => scalarOf(part).slice(0, MAX_KEY_PART))].join(" ");
}

/** A text that says something; null for absent, empty and "-". */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value !== "-" ? value : null;
}

/**
 * A finite number, from a number or its text; null otherwise. What no whole number can count (beyond 2^53) is noise, and
 * would be infinite once its unit is changed.
 */
export function numberOf(value: unknown): number | null {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return null;
  const number = Number(value);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}

/** Parses a JSON object; null for anything else. Never throws. */
export function objectOf(line: string): Fields | null {
  try {
    const value: unknown = parseJson(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

const protocols: ReadonlySet<string> = new Set(PROTOCOLS);

/** Whether a name is one of the product's protocol names. */
export function isProtocol(name: string): name is Protocol {
  return protocols.has(name);
}

/** The reason to refuse a line with a protocol name that is none of ours. */
export function unknownProtocol(name: string): string {
  return `protocol must be one of ${PROTOCOLS.join(", ")}, not ${JSON.stringify(name.slice(0, 40))}`;
}

/** Longest failure text kept. */
const MAX_ALERT = 120;

/** A failure text fit for counting by: addresses, ports and OpenSSL codes taken out, bounded. */
export function failureText(text: string): string {
  return text
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, "…")
    .replace(/\[[0-9a-f:]+\](:\d+)?/gi, "…")
    .replace(/'[^']*'/g, "'…'")
    .replace(/^.*error:[0-9A-F]+:[^:]*:[^:]*:/, "")
    .trim()
    .slice(0, MAX_ALERT);
}

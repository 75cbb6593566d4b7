/** Kinds of values that proxies write, as patterns for the template scanner; and how times and escapes among them read. */
import type { FieldKind } from "./template.ts";

export const NUMBER: FieldKind = { extent: /[\d.-]*/y, shape: /^-?\d+(\.\d+)?$/ };
export const WHOLE: FieldKind = { extent: /[\d-]*/y, shape: /^-?\d+$/ };
/** A word: no white space, no quotes. */
export const WORD: FieldKind = { extent: /[^\s"]*/y };
export const PROTOCOL: FieldKind = { extent: /[\w.-]*/y, shape: /^(SSL|TLS)v[\d.]+$/ };
export const ISO_TIME: FieldKind = {
  extent: /[\dT:Z.+-]*/y,
  shape: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/,
};
/** `25/Nov/2026:10:00:00 +0000`, as nginx and HAProxy write it. */
export const CLF_TIME: FieldKind = {
  extent: /[\w/: +-]*/y,
  shape: /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/,
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CLF = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: ([+-])(\d\d)(\d\d))?$/;

/**
 * Epoch milliseconds of `25/Nov/2026:10:00:00[.123] [+0000]`; null for anything else. Without a zone it is read as
 * this machine's local time.
 */
export function clfMs(text: string): number | null {
  const match = CLF.exec(text);
  if (!match) return null;
  const [, day, monthName = "", year, hour, minute, second, ms = "0", sign, zoneHour, zoneMinute] = match;
  const month = MONTHS.indexOf(monthName);
  if (month < 0) return null;
  const parts = [
    Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  ] as const;
  if (sign === undefined) return new Date(...parts).getTime();
  const offsetMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return Date.UTC(...parts) - (sign === "+" ? offsetMs : -offsetMs);
}

/** A text with JSON's escapes as it was before; as it is where that cannot be. */
export function unescapeJson(value: string): string {
  if (!value.includes("\\")) return value;
  try {
    return String(JSON.parse(`"${value}"`));
  } catch {
    return value;
  }
}

import { type Fields, objectOf } from "./fields.ts";

/** One or more bytes as `\xNN`, or any other escape; `\\` is taken as a pair, so that `\\x41` stays what it is. */
const ESCAPES = /((?:\\x[0-9a-fA-F]{2})+)|\\[^x]/g;

/**
 * Parses a JSON object in whose texts a proxy wrote bytes as `\xNN` (and Apache a vertical tab as `\v`), which JSON does not know
 * (SOURCES 3.5: nghttpx, Apache). Runs of bytes are read as UTF-8. null for anything else. Never throws.
 */
export function looseObjectOf(line: string): Fields | null {
  return objectOf(line) ?? (/\\[xv]/.test(line) ? objectOf(line.replace(ESCAPES, asJson)) : null);
}

function asJson(found: string, bytes?: string): string {
  if (found === "\\v") return "\\u000b";
  if (bytes === undefined) return found;
  const text = Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString("utf8");
  return JSON.stringify(text).slice(1, -1);
}

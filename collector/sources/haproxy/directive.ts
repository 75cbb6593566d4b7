/** How log formats are written in HAProxy's configuration: words, quotes and escapes (its manual, 2.2). */

/** A format as HAProxy sees it after its own reader, and whether it is for errors. */
export type Directive = { readonly error: boolean; readonly format: string };

/** What `option httpslog` stands for (manual, 8.2.5): the one built-in format that says whether a handshake resumed. */
const HTTPS_LOG =
  "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";

const DIRECTIVE = /^\s*(log-format|error-log-format)\s+/;
const CONTROL: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

/**
 * Reads `log-format …` and `error-log-format …` as they stand in the configuration (one or both, a line each),
 * `option httpslog`, one quoted text, or the bare format. Answers the problem in one sentence where it cannot be read.
 */
export function parseDirectives(text: string): readonly Directive[] | string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  if (lines.length === 0) return "The log-format is empty.";
  const found: Directive[] = [];
  for (const line of lines) {
    const read = parseLine(line, lines.length > 1);
    if (typeof read === "string") return read;
    found.push(read);
  }
  return found;
}

function parseLine(line: string, named: boolean): Directive | string {
  if (/^\s*option\s+httpslog\s*$/.test(line)) return { error: false, format: HTTPS_LOG };
  const directive = DIRECTIVE.exec(line);
  const rest = line.slice(directive?.[0].length ?? 0).trim();
  if (!directive && named)
    return "Give log-format and error-log-format directives only, each on a line of its own.";
  if (!directive && !isWord(rest)) return { error: false, format: rest };
  const format = wordOf(rest);
  return typeof format === "string"
    ? format
    : { error: directive?.[1] === "error-log-format", format: format.value };
}

/** Without a directive: quoted as a whole, or with its spaces escaped. */
function isWord(text: string): boolean {
  return (
    /^'[^']*'$/.test(text) ||
    /^"(?:[^"\\]|\\.)*"$/.test(text) ||
    (text.includes("\\ ") && !/(?<!\\) /.test(text))
  );
}

/** The one word that a directive takes. Single quotes keep all; in double quotes and outside, backslashes escape. */
function wordOf(text: string): { value: string } | string {
  let value = "";
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote !== "" && char === quote) quote = "";
    else if (quote === "'") value += char;
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (quote === '"' && char === "$" && /[\w{]/.test(text[at + 1] ?? ""))
      return "The log-format names an environment variable; write its value in its place.";
    else if (char === "\\" && at + 1 < text.length) {
      at += 1;
      value += escaped(text[at] ?? "");
    } else if (quote === "" && /\s/.test(char)) {
      const more = text.slice(at).trim();
      if (more === "" || more.startsWith("#")) break;
      return "The log-format has a space outside of quotes; put it in quotes or write a backslash before each space.";
    } else value += char;
  }
  return quote === "" ? { value } : `A quote (${quote}) in the log-format is not closed.`;
}

function escaped(char: string): string {
  return CONTROL[char] ?? char;
}

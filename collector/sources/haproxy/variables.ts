/** HAProxy's log-format language (manual, 8.2.6): variables, sample expressions, flags. */
import { CLF_TIME, NUMBER, PROTOCOL, unescapeJson, WHOLE, WORD } from "../formats/kinds.ts";
import type { Need } from "../formats/line-format.ts";
import { ANYTHING, type Field, type FieldKind, type Piece } from "../formats/template.ts";

type Meaning = { readonly use: string | null; readonly kind: FieldKind };
const as = (use: string | null, kind: FieldKind): Meaning => ({ use, kind });

const FLAG: FieldKind = { extent: /[01-]*/y, shape: /^[01]$/ };
/** `25/Nov/2026:22:47:14.022`, without a zone. */
const LOCAL_TIME: FieldKind = {
  extent: /[\w/:.-]*/y,
  shape: /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}$/,
};
const NAME: FieldKind = WORD;

/** Variables by name. All others are read over. */
const VARIABLES: ReadonlyMap<string, Meaning> = new Map([
  ["ci", as("ci", WORD)],
  ["cp", as("cp", WHOLE)],
  ["pid", as("pid", WORD)],
  ["rt", as("rt", WHOLE)],
  ["H", as("node", NAME)],
  ["sslv", as("sslv", PROTOCOL)],
  ["sslc", as("sslc", WORD)],
  ["Th", as("Th", NUMBER)],
  ["Ts", as("accept_s", WHOLE)],
  ["ms", as("accept_ms", WHOLE)],
  ...["T", "Tl", "trg", "trl"].map((name) => [name, as("zoned", CLF_TIME)] as const),
  ...["t", "tr"].map((name) => [name, as("local", LOCAL_TIME)] as const),
  ...["hr", "hrl", "hs", "hsl", "r", "HU", "HP", "HPO", "HQ"].map(
    (name) => [name, as(null, ANYTHING)] as const,
  ),
]);
/** Written without quotes even where the flag Q asks for them, in the versions looked at. */
const NUMBERS = /^(B|S?T|T[A-Za-z]|ST|U|[abfs]c|[bs]q|cp|bp|fp|sp|lc|ms|pid|r[ct]|t|tr[gl]?)$/;
const VANISHES = /^h[rs]l?$/;

/** Sample fetches, with what their converters may be: `json` is undone, an encoding makes no difference to an identifier. */
const FETCHES: readonly (readonly [RegExp, Meaning])[] = [
  [/^date\(0,ms\)$/, as("date_ms", WHOLE)],
  [/^date\(0,us\)$/, as("date_us", WHOLE)],
  [/^date(\((0(,s)?)?\))?$/, as("date_s", WHOLE)],
  [/^(accept|request)_date\(ms\)$/, as("date_ms", WHOLE)],
  [/^(accept|request)_date\(us\)$/, as("date_us", WHOLE)],
  [/^(accept|request)_date(\((s)?\))?$/, as("date_s", WHOLE)],
  [/^ssl_fc_is_resumed$/, as("resumed", FLAG)],
  [/^ssl_fc_protocol$/, as("sslv", PROTOCOL)],
  [/^ssl_fc_cipher$/, as("sslc", WORD)],
  [/^ssl_fc_sni(,(lower|json(\(\S*\))?))*$/, as("sni", WORD)],
  [/^ssl_fc_session_id,(hex|base64|ub64enc)$/, as("sid", WORD)],
  [/^ssl_fc_client_random,(hex|base64|ub64enc)$/, as("client_random", WORD)],
  [/^fc_err$/, as("fc_err", WHOLE)],
  [/^fc_err_str$/, as("fc_err_str", ANYTHING)],
  [/^ssl_fc_err_str$/, as("ssl_fc_err_str", ANYTHING)],
  [/^src$/, as("ci", WORD)],
  [/^src_port$/, as("cp", WHOLE)],
  [/^pid$/, as("pid", WORD)],
  [/^hostname$/, as("node", NAME)],
  [/^fc_timer_handshake$/, as("Th", NUMBER)],
];
const USER_AGENT = /^var\(\w+\.(ua|user_?agent)\)(,json(\(\S*\))?)?$/i;
const CAPTURE = /^capture\.req\.hdr\(\d+\)(,json(\(\S*\))?)?$/;
/** The operator's own words before a captured header that is the user agent. */
const UA_LABEL = /(^|[^a-z])(ua|(http_?)?user[_-]?agent|agent)["']?\s*[=:]\s*["'[{(]?$/i;

const TIMES = ["date_ms", "date_us", "accept_s", "date_s", "zoned", "local"];
const WHEN: Need = {
  uses: TIMES.map((use) => [use]),
  lacking: "%[date(0,ms)] (or %Ts and %ms, %T, %trg, %t), which says when",
};

/** What lines of completed connections have to say. */
export const NEEDS: readonly Need[] = [
  WHEN,
  { uses: [["resumed"]], lacking: "%[ssl_fc_is_resumed], which tells resumed handshakes from full ones" },
  { uses: [["sslv"]], lacking: "%sslv, which tells TLS 1.3 from 1.2 and from plain HTTP" },
  {
    uses: [["client_random"], ["ci", "cp"]],
    lacking:
      "%[ssl_fc_client_random,hex] (or %ci and %cp, with %pid), without which the requests of one connection would count as handshakes of their own",
  },
];

/** What lines of failed connections have to say. */
export const ERROR_NEEDS: readonly Need[] = [
  WHEN,
  {
    uses: [["fc_err"]],
    lacking: "%[fc_err], which tells failed handshakes from connections that merely carried no request",
  },
];

/** The texts and fields of a format; or what is wrong with it, in one sentence. */
export function piecesOf(format: string): Piece[] | string {
  const pieces: Piece[] = [];
  const defaults = new Set<string>();
  let text = "";
  for (let at = 0; at < format.length; ) {
    if (format[at] !== "%") {
      text += format[at];
      at += 1;
    } else if (format[at + 1] === "%") {
      text += "%";
      at += 2;
    } else {
      const variable = variableAt(format, at);
      if (typeof variable === "string") return variable;
      const flags = flagsOf(variable.flags, defaults);
      if (flags === null)
        return `The log-format sets ${variable.flags}, an encoding that Reprise does not read.`;
      at = variable.next;
      if (variable.name === "o") for (const flag of ["Q", "X", "E"]) toggle(defaults, flag, flags.has(flag));
      else {
        pieces.push(text, fieldOf(variable, flags, text));
        text = "";
      }
    }
  }
  pieces.push(text);
  return mergeSpaces(pieces.filter((piece) => piece !== ""));
}

type Variable = {
  readonly name: string;
  readonly expression: boolean;
  readonly flags: string;
  readonly written: string;
  readonly next: number;
};

const HEAD = /%(?:\([^)]*\))?(?:\{([^}]*)\})?/y;
const PLAIN = /[A-Za-z][A-Za-z0-9]*/y;

function variableAt(format: string, at: number): Variable | string {
  HEAD.lastIndex = at;
  const flags = HEAD.exec(format)?.[1] ?? "";
  const from = HEAD.lastIndex;
  const near = `near "${format.slice(at, at + 20)}"`;
  if (format[from] === "[") {
    const end = expressionEnd(format, from + 1);
    if (end < 0) return `A sample expression of the log-format has no end, ${near}.`;
    const name = format
      .slice(from + 1, end)
      .replace(/\s*,\s*/g, ",")
      .trim();
    return { name, expression: true, flags, written: format.slice(at, end + 1), next: end + 1 };
  }
  PLAIN.lastIndex = from;
  const name = PLAIN.exec(format)?.[0];
  if (name === undefined)
    return `The log-format holds a % that begins no variable, ${near}; a real one is written %%.`;
  return {
    name,
    expression: false,
    flags,
    written: format.slice(at, from + name.length),
    next: from + name.length,
  };
}

/** The bracket that closes an expression: not within its parentheses or quotes. */
function expressionEnd(format: string, from: number): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < format.length; at += 1) {
    const char = format[at] ?? "";
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    else if (char === "]" && depth <= 0) return at;
  }
  return -1;
}

/** Flags in force for a variable; null for an encoding of the whole line (HAProxy 3.0's +json, +cbor). */
function flagsOf(written: string, defaults: ReadonlySet<string>): Set<string> | null {
  const flags = new Set(defaults);
  for (const [, sign, name = ""] of written.matchAll(/([+-])(\w+)/g)) {
    if (name === "json" || name === "cbor" || name === "bin") return null;
    toggle(flags, name, sign === "+");
  }
  return flags;
}

function toggle(flags: Set<string>, flag: string, on: boolean): void {
  if (on) flags.add(flag);
  else flags.delete(flag);
}

function fieldOf(variable: Variable, flags: ReadonlySet<string>, before: string): Field {
  const { name, expression, written } = variable;
  const meaning = expression ? meaningOf(name, before) : (VARIABLES.get(name) ?? as(null, WORD));
  const hexadecimal = flags.has("X") && meaning.use !== null && /^(accept|rt$)/.test(meaning.use);
  const quotes = flags.has("Q")
    ? { quotes: !expression && NUMBERS.test(name) ? ("perhaps" as const) : ("always" as const) }
    : {};
  return {
    use: hexadecimal ? null : meaning.use,
    kind: flags.has("X") && !expression ? WORD : meaning.kind,
    written,
    ...quotes,
    ...(!expression && VANISHES.test(name) ? { vanishes: true } : {}),
  };
}

function meaningOf(expression: string, before: string): Meaning {
  for (const [pattern, meaning] of FETCHES)
    if (pattern.test(expression)) return jsonAware(expression, meaning);
  const isAgent = USER_AGENT.test(expression) || (CAPTURE.test(expression) && UA_LABEL.test(before));
  return jsonAware(expression, as(isAgent ? "ua" : null, ANYTHING));
}

const JSON_TEXT: FieldKind = { extent: /(?:[^"\\]|\\.)*/sy, escapes: true };

function jsonAware(expression: string, meaning: Meaning): Meaning {
  return /,json(\(|$)/.test(expression) ? { ...meaning, kind: JSON_TEXT } : meaning;
}

/** HAProxy writes one space where its format has several, and none at the line's begin. */
function mergeSpaces(pieces: readonly Piece[]): Piece[] {
  return pieces
    .map((piece, index) => {
      if (typeof piece !== "string") return piece;
      const merged = piece.replace(/ {2,}/g, " ");
      return index === 0 ? merged.replace(/^ /, "") : merged;
    })
    .filter((piece) => piece !== "");
}

/** A value as it was before HAProxy escaped it. */
export function decodeValue(value: string, field: Field): string {
  return field.kind === JSON_TEXT ? unescapeJson(value) : value;
}

/**
 * How deep JSON from outside may nest. Nothing that is sent here nests deeper than ten; what nests without end overflows
 * the stack of whatever walks through it, and V8 14 itself is ended by a signal on some broken texts that open 7,000
 * objects or arrays with something before each (`[1,[1,[1,…`), which no `catch` can stop.
 */
const MAX_DEPTH = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Parses JSON that others wrote. Throws SyntaxError for what is none, and for what nests too deep. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`JSON nests deeper than ${MAX_DEPTH}`);
  return JSON.parse(text);
}

function isTooDeep(text: string): boolean {
  // A text cannot nest deeper than it is long, so that the usual line costs nothing.
  if (text.length <= MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at + 1);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

/** Where a text in quotes ends: at the next quote with an even number of backslashes before it. */
function endOfText(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
}

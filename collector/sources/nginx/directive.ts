/** How a log_format directive is written: its words, quotes and escapes, as nginx's configuration reader takes them. */

export const ESCAPES = ["default", "json", "none"] as const;
export type Escape = (typeof ESCAPES)[number];
export type Directive = { readonly escape: Escape; readonly format: string };

const WHITE = /\s/;
const CONTROL: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

/**
 * Reads `log_format NAME [escape=…] '…' '…';`, only its quoted texts, or the bare format. Answers the problem in one
 * sentence where it cannot be read.
 */
export function parseDirective(text: string): Directive | string {
  const trimmed = text.trim();
  const named = /^log_format\s/.test(trimmed);
  if (!named && !/^escape=\w+\s/.test(trimmed) && !isQuoted(trimmed))
    return { escape: "default", format: trimmed };
  const words = wordsOf(trimmed);
  if (typeof words === "string") return words;
  if (named) words.splice(0, 2);
  const said = /^escape=(.*)$/s.exec(words[0] ?? "")?.[1];
  if (said !== undefined) words.shift();
  if (said !== undefined && !isEscape(said))
    return `The log_format says escape=${said.slice(0, 40)}, which is none of ${ESCAPES.join(", ")}.`;
  if (words.length === 0) return "The log_format has no text after its name.";
  return { escape: said === undefined ? "default" : said, format: words.join("") };
}

/** Quoted as in the configuration: all in single quotes, or one text in double quotes (a bare format may begin so too). */
function isQuoted(text: string): boolean {
  if (text.startsWith("'")) return true;
  return /^"(?:[^"\\]|\\.)*"\s*;?$/s.test(text);
}

function isEscape(word: string): word is Escape {
  return (ESCAPES as readonly string[]).includes(word);
}

/** The words of one directive up to its semicolon, without quotes and comments. */
function wordsOf(text: string): string[] | string {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (WHITE.test(char)) at += 1;
    else if (char === "#") at = lineEnd(text, at);
    else if (char === ";") {
      const rest = text.slice(at + 1).replace(/^\s*#.*$/gm, "");
      return rest.trim() === "" ? words : "There is more than one directive; give one log_format only.";
    } else {
      const word = char === "'" || char === '"' ? quotedAt(text, at + 1, char) : bareAt(text, at);
      if (word === null) return `A quote (${char}) in the log_format is not closed.`;
      words.push(word.value);
      at = word.next;
    }
  }
  return words;
}

function lineEnd(text: string, at: number): number {
  const lf = text.indexOf("\n", at);
  return lf < 0 ? text.length : lf + 1;
}

type Word = { readonly value: string; readonly next: number };

function quotedAt(text: string, from: number, quote: string): Word | null {
  let value = "";
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === quote) return { value, next: at + 1 };
    if (char === "\\" && at + 1 < text.length) {
      at += 1;
      value += escaped(text[at] ?? "");
    } else value += char;
  }
  return null;
}

function bareAt(text: string, from: number): Word {
  let value = "";
  let at = from;
  for (; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (WHITE.test(char) || char === ";") break;
    if (char === "\\" && at + 1 < text.length) {
      at += 1;
      value += escaped(text[at] ?? "");
    } else value += char;
  }
  return { value, next: at };
}

/** nginx takes the backslash away before quotes and itself, knows three control characters, and keeps all others. */
function escaped(char: string): string {
  if (char === '"' || char === "'" || char === "\\") return char;
  return CONTROL[char] ?? `\\${char}`;
}

/**
 * Reads lines of flat JSON without being a JSON parser: AssemblyScript, compiled to WebAssembly by scripts/steps.mjs.
 *
 * It parts the bare whole numbers of a line from everything else, and looks the rest up by a hash: lines that differ in numbers only
 * have one pattern. The hash is multilinear (Lemire and Kaser, "Strongly universal string hashing is fast", 2014) under random keys
 * that the host draws at each start, 2 × 32 bits: whoever does not know them cannot make two lines meet.
 */

/** Words of the keys: a line may be four times as long, in bytes. */
const WORDS: i32 = 4096;
const SPARE_WORDS: i32 = 64;
const NUMBERS: i32 = 8;
const MOST_DIGITS: i32 = 15;

export const KEYS_AT: i32 = 1024;
export const KEY_BYTES: i32 = 2 * (WORDS + SPARE_WORDS) * 8;
const TABLE_AT: i32 = 131072;
const SLOTS: i32 = 131072;
/** Half of the slots. */
export const MOST_PATTERNS: i32 = 65536;
export const LINES_AT: i32 = TABLE_AT + SLOTS * 16;
export const LINE_BYTES: i32 = 96;
export const MOST_LINES: i32 = 8192;
export const BODY_AT: i32 = LINES_AT + MOST_LINES * LINE_BYTES;
export const BODY_BYTES: i32 = 1048576;

const SECOND: i32 = (WORDS + SPARE_WORDS) * 8;

const LF: i32 = 0x0a;
const CR: i32 = 0x0d;
const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const MINUS: i32 = 0x2d;
const DOT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const NINE: i32 = 0x39;
const COLON: i32 = 0x3a;
const BRACKET: i32 = 0x5b;
const BACKSLASH: i32 = 0x5c;
const BRACE: i32 = 0x7b;
const BRACE_END: i32 = 0x7d;

export const NOT_KNOWN: i32 = -1;
export const NOT_PLAIN: i32 = -2;

/** Where scanning goes on, within the body. */
let next: i32 = 0;
export function nextAt(): i32 {
  return next;
}

let h1: u64 = 0;
let h2: u64 = 0;
let word: i32 = 0;

function mix(value: u64): void {
  const at = KEYS_AT + (word << 3);
  h1 += load<u64>(at) * value;
  h2 += load<u64>(at + SECOND) * value;
  word += 1;
}

/** Adds a piece of the line, and how long it is. */
function mixPiece(from: i32, to: i32): void {
  let at = from;
  for (; at + 4 <= to; at += 4) mix(<u64>load<u32>(at));
  if (at < to) {
    let rest: u32 = 0;
    for (let shift = 0; at < to; at += 1, shift += 8) rest |= (<u32>load<u8>(at)) << shift;
    mix(<u64>rest);
  }
  mix(<u64>(to - from + 1));
}

/** Scans lines of the body within [from, to), which ends with a line feed; answers how many, and leaves where it stopped. */
export function scan(from: i32, to: i32): i32 {
  let lines: i32 = 0;
  let at = BODY_AT + from;
  const end = BODY_AT + to;
  while (at < end && lines < MOST_LINES) {
    const lineAt = LINES_AT + lines * LINE_BYTES;
    const stop = scanLine(at, lineAt);
    store<i32>(lineAt, at - BODY_AT);
    store<i32>(lineAt + 4, stop - BODY_AT);
    at = stop + 1;
    lines += 1;
  }
  next = at - BODY_AT;
  return lines;
}

/** Scans one line into its record; answers where its line feed is. */
function scanLine(start: i32, record: i32): i32 {
  h1 = load<u64>(KEYS_AT + (WORDS << 3));
  h2 = load<u64>(KEYS_AT + (WORDS << 3) + SECOND);
  word = 0;
  let numbers: i32 = 0;
  let piece = start;
  let at = start;
  let byte: i32 = <i32>load<u8>(at);
  if (byte !== BRACE) return notPlain(at, record);
  at += 1;
  while (true) {
    byte = <i32>load<u8>(at);
    if (byte === QUOTE) {
      at = textEnd(at + 1);
      if (<i32>load<u8>(at) !== QUOTE) return notPlain(at, record);
      at += 1;
    } else if (byte === LF) break;
    else if (byte >= ZERO && byte <= NINE) {
      const before: i32 = <i32>load<u8>(at - 1);
      if (numbers === NUMBERS || (before !== COLON && before !== SPACE)) return notPlain(at, record);
      const first = at;
      let value: f64 = 0;
      do {
        value = value * 10 + <f64>(byte - ZERO);
        at += 1;
        byte = <i32>load<u8>(at);
      } while (byte >= ZERO && byte <= NINE);
      const digits = at - first;
      const alone = byte === COMMA || byte === BRACE_END || byte === SPACE || byte === CR;
      if (!alone || digits > MOST_DIGITS || (digits > 1 && <i32>load<u8>(first) === ZERO))
        return notPlain(at, record);
      if (first - start > WORDS * 4 - 64) return notPlain(at, record);
      mixPiece(piece, first);
      piece = at;
      store<f64>(record + 24 + (numbers << 3), value);
      numbers += 1;
    } else if (byte === MINUS || byte === DOT || byte === BRACKET || byte === BRACE || byte === BACKSLASH) {
      return notPlain(at, record);
    } else at += 1;
  }
  if (at - start > WORDS * 4 - 64) return notPlain(at, record);
  mixPiece(piece, at);
  const hash: u64 = ((h1 >> 32) << 32) | (h2 >> 32);
  store<i32>(record + 8, find(hash));
  store<i32>(record + 12, numbers);
  store<u64>(record + 16, hash);
  return at;
}

/** The quote that ends a text; a backslash or a line feed before that. */
function textEnd(from: i32): i32 {
  const quotes = i8x16.splat(<i8>QUOTE);
  const backslashes = i8x16.splat(<i8>BACKSLASH);
  const feeds = i8x16.splat(<i8>LF);
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const found = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)),
      i8x16.eq(bytes, feeds),
    );
    const mask = i8x16.bitmask(found);
    if (mask !== 0) return at + ctz(mask);
    at += 16;
  }
}

function notPlain(from: i32, record: i32): i32 {
  store<i32>(record + 8, NOT_PLAIN);
  store<i32>(record + 12, 0);
  const feeds = i8x16.splat(<i8>LF);
  let at = from;
  while (true) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), feeds));
    if (mask !== 0) return at + ctz(mask);
    at += 16;
  }
}

/** A slot is the hash, and the pattern's number and one; 0: it is free. */
function find(hash: u64): i32 {
  let slot = <i32>hash & (SLOTS - 1);
  while (true) {
    const at = TABLE_AT + (slot << 4);
    const found = load<i32>(at + 8);
    if (found === 0) return NOT_KNOWN;
    if (load<u64>(at) === hash) return found - 1;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** The pattern of a scanned line as it is known by now. */
export function again(line: i32): i32 {
  return find(load<u64>(LINES_AT + line * LINE_BYTES + 16));
}

/** Gives the hash of a scanned line the number of a pattern. */
export function learn(line: i32, pattern: i32): void {
  const hash = load<u64>(LINES_AT + line * LINE_BYTES + 16);
  let slot = <i32>hash & (SLOTS - 1);
  while (load<i32>(TABLE_AT + (slot << 4) + 8) !== 0) slot = (slot + 1) & (SLOTS - 1);
  store<u64>(TABLE_AT + (slot << 4), hash);
  store<i32>(TABLE_AT + (slot << 4) + 8, pattern + 1);
}

/** Forgets every pattern. */
export function clear(): void {
  memory.fill(TABLE_AT, 0, SLOTS * 16);
}

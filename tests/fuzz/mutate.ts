import { parseJson } from "../../lib/runtime/json.ts";
import type { Random } from "./random.ts";

const MEGABYTE = 1_000_000;
const NUMBERS = [
  "0",
  "-0",
  "-1",
  "1",
  "1e308",
  "1e309",
  "-1e999",
  "NaN",
  "Infinity",
  "0x10",
  "1_000",
  "0.1",
  "1e-7",
  "2147483648",
  "9007199254740993",
  "18446744073709551616",
  "9".repeat(400),
  "١٢٣",
  "+5",
  " 7 ",
  "",
];
const TEXTS = [
  "",
  "-",
  "--",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "TLSv1.4",
  "TLSv1.3",
  "SSLv2",
  "\u2028",
  "\u2029",
  "\ud800",
  "\udfff\ud800",
  "\0",
  "\u001b[2J",
  "\u202e",
  "%s%n",
  "$1$&",
  "%00",
  "\\",
  '"',
  "\\u0000",
  "\\ud800",
  "x".repeat(254),
  "y".repeat(10_000),
  "é".repeat(300),
  "::ffff:1.2.3.4",
  "[::1]:443",
  "2026-02-30T25:61:61Z",
  "0000-00-00T00:00:00Z",
  "+275760-09-13T00:00:01Z",
];
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { a: { b: [] } },
  { length: 1e9 },
  { toString: 1, valueOf: 1 },
  { length: { toString: 1, valueOf: 1 } },
  "-",
  "",
  "x".repeat(254),
  "\ud800",
  "\u2028",
  "\0",
];
const JUNK = [
  Buffer.from([0]),
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xef, 0xbb, 0xbf]),
  Buffer.from([0xe2, 0x80, 0xa8]),
  Buffer.from("\r"),
  Buffer.from("\t"),
  Buffer.from("\u0085"),
];

type Mutator = (random: Random, input: Buffer, seeds: readonly Buffer[]) => Buffer;

const cut = (input: Buffer, from: number, until: number, put: Buffer): Buffer =>
  Buffer.concat([input.subarray(0, from), put, input.subarray(until)]);
const span = (random: Random, input: Buffer): [number, number] => {
  const from = random.below(input.length + 1);
  return [from, Math.min(input.length, from + random.below(random.once(4) ? input.length + 1 : 16))];
};

const flipBit: Mutator = (random, input) => {
  const made = Buffer.from(input);
  const at = random.below(made.length);
  made[at] = (made[at] ?? 0) ^ (1 << random.below(8));
  return made;
};
const setByte: Mutator = (random, input) => {
  const made = Buffer.from(input);
  made[random.below(made.length)] = random.below(256);
  return made;
};
const truncate: Mutator = (random, input) => input.subarray(0, random.below(input.length + 1));
const remove: Mutator = (random, input) => cut(input, ...span(random, input), Buffer.alloc(0));
const duplicate: Mutator = (random, input) => {
  const [from, until] = span(random, input);
  return cut(input, until, until, input.subarray(from, until));
};
const move: Mutator = (random, input) => {
  const [from, until] = span(random, input);
  const rest = cut(input, from, until, Buffer.alloc(0));
  const at = random.below(rest.length + 1);
  return cut(rest, at, at, input.subarray(from, until));
};
const insertJunk: Mutator = (random, input) => {
  const at = random.below(input.length + 1);
  return cut(input, at, at, random.pick(JUNK));
};
const splice: Mutator = (random, input, seeds) => {
  const other = random.pick(seeds);
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
};
/** 32-bit and varint lengths that promise too much. */
const hugeLength: Mutator = (random, input) => {
  const at = random.below(input.length + 1);
  const lengths = ["ffffffff0f", "ffffffffffffffffff01", "80808080808080808000", "7fffffff", "ffffffff"];
  return cut(
    input,
    at,
    Math.min(input.length, at + random.below(5)),
    Buffer.from(random.pick(lengths), "hex"),
  );
};
const BYTES: readonly Mutator[] = [
  flipBit,
  setByte,
  truncate,
  remove,
  duplicate,
  move,
  insertJunk,
  splice,
  hugeLength,
];

const NUMBER = /-?\d+(?:\.\d+)?/g;
const WORD = /[^\s"'=:,[\]{}()|]+/g;
const GAP = /[\s"'=:,[\]{}()|]/g;

/** One place of a pattern in the input replaced by another text. */
function replaceOne(random: Random, input: Buffer, change: { pattern: RegExp; by: string }): Buffer {
  // Latin-1 keeps every byte as one character, so places are offsets.
  const places = [...input.subarray(0, 8_192).toString("latin1").matchAll(change.pattern)];
  if (places.length === 0) return input;
  const place = random.pick(places);
  return cut(input, place.index, place.index + place[0].length, Buffer.from(change.by));
}
const otherNumber: Mutator = (random, input) =>
  replaceOne(random, input, { pattern: NUMBER, by: random.pick(NUMBERS) });
const otherWord: Mutator = (random, input) =>
  replaceOne(random, input, { pattern: WORD, by: random.pick(TEXTS) });
const otherGap: Mutator = (random, input) =>
  replaceOne(random, input, {
    pattern: GAP,
    by: random.pick(["", " ", '"', "[", "}", ",", "|", "\t", "=", ":"]),
  });
const wordOfAnother: Mutator = (random, input, seeds) => {
  const words = random.pick(seeds).subarray(0, 8_192).toString().match(WORD);
  return words ? replaceOne(random, input, { pattern: WORD, by: random.pick(words) }) : input;
};
const wrongEncoding: Mutator = (random, input) => {
  const text = input.toString("utf8");
  return random.once(2) ? Buffer.from(text, "utf16le") : Buffer.from(input.toString("latin1"), "utf8");
};
const NESTS = [
  ["[", "]"],
  ["[1,", "]"],
  ['{"a":', "}"],
  ['{"b":1,"a":', "}"],
] as const;
const deep: Mutator = (random, input) => {
  const depth = 1 + random.below(random.once(10) ? 100_000 : 200);
  const [open, close] = random.pick(NESTS);
  const nested = `${open.repeat(depth)}1${close.repeat(random.once(3) ? 0 : depth)}`;
  return replaceOne(random, input, { pattern: random.once(2) ? NUMBER : WORD, by: nested });
};
const otherJson: Mutator = (random, input) => {
  const value = jsonOf(input);
  if (typeof value !== "object" || value === null) return input;
  change(random, value as Record<string, unknown>);
  return Buffer.from(textOf(value) ?? input);
};
const TEXT_ONLY: readonly Mutator[] = [
  otherNumber,
  otherNumber,
  otherWord,
  otherWord,
  otherGap,
  wordOfAnother,
  otherJson,
  otherJson,
  wrongEncoding,
  deep,
];

/** Its JSON; null where it is too deep to be written. */
function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

function jsonOf(input: Buffer): unknown {
  try {
    // Only here: V8 itself breaks on some of what is made.
    return parseJson(input.toString("utf8"));
  } catch {
    return null;
  }
}

/** One value somewhere in an object made another, left out, or put under another key. */
function change(random: Random, object: Record<string, unknown>): void {
  const keys = Object.keys(object);
  if (keys.length === 0) return;
  const key = random.pick(keys);
  const inner = object[key];
  if (typeof inner === "object" && inner !== null && !random.once(4)) {
    change(random, inner as Record<string, unknown>);
    return;
  }
  const kind = random.below(5);
  if (kind === 0) delete object[key];
  else if (kind === 1) object[random.pick(TEXTS)] = inner;
  else if (kind === 2) object[key] = random.pick(TEXTS);
  else if (kind === 3) object[key] = random.pick([random.pick(NUMBERS), Number(random.pick(NUMBERS))]);
  else object[key] = random.pick(VALUES);
}

/** About a megabyte of something that repeats. */
function grown(random: Random, input: Buffer): Buffer {
  const [from, until] = span(random, input);
  const piece = until > from ? input.subarray(from, until) : Buffer.from("x");
  return cut(input, until, until, Buffer.alloc(MEGABYTE, piece));
}

/** A real input, damaged once or a few times; one in two thousand is made a megabyte long. */
export function mutate(random: Random, seeds: readonly Buffer[], kind: "text" | "bytes"): Buffer {
  let input = random.pick(seeds);
  const mutators = kind === "text" && !random.once(4) ? TEXT_ONLY : BYTES;
  for (let left = 1 + random.below(3); left > 0 && input.length > 0; left -= 1)
    input = random.pick(mutators)(random, input, seeds);
  return random.once(2_000) ? grown(random, input) : input;
}

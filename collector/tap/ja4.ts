import { hash } from "node:crypto";
import { type ClientHello, hexOf } from "../../lib/domain/client-hello.ts";
import { Lru } from "../../lib/runtime/lru.ts";

const SERVER_NAME = 0;
const ALPN = 16;
const DIGEST_DIGITS = 12;
const NO_DIGEST = "000000000000";
/** Kinds of hellos are few; those of a scanner must not fill the memory. */
const MAX_KNOWN = 4_096;
/** Numbers of a hello that is worth remembering; real ones have less than a hundred. */
const MAX_NUMBERS = 400;
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0002, "s2"],
  [0x0300, "s3"],
  [0x0301, "10"],
  [0x0302, "11"],
  [0x0303, "12"],
  [0x0304, "13"],
]);

const known = new Lru<string, string>(MAX_KNOWN);

/**
 * The JA4 fingerprint of a client's hello over TCP, after FoxIO's description of JA4 (the one method of that suite under
 * BSD 3-Clause): version, counts and ALPN in the clear, then digests of the sorted cipher suites and of the sorted
 * extensions with the signature algorithms. Reserved values (GREASE, RFC 8701) are left out.
 */
export function ja4Of(hello: ClientHello): string {
  const { ciphers, extensions, signatureAlgorithms, versions, legacyVersion, alpn } = hello;
  const lists = [ciphers, extensions, signatureAlgorithms, versions];
  if (lists.reduce((sum, list) => sum + list.length, 0) > MAX_NUMBERS) return made(hello);
  // What it is made of, as a text of one character a number.
  const ends = [ciphers.length, extensions.length, signatureAlgorithms.length, legacyVersion];
  const key = `${String.fromCharCode(...ends, ...lists.flat())}${alpn ? hexOf(alpn) : ""}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const ja4 = made(hello);
  known.set(key, ja4);
  return ja4;
}

function made(hello: ClientHello): string {
  const ciphers = hello.ciphers.filter(isMeant);
  const extensions = hello.extensions.filter(isMeant);
  const algorithms = hello.signatureAlgorithms.filter(isMeant).map(digits);
  const hashed = extensions.filter((number) => number !== SERVER_NAME && number !== ALPN).map(digits);
  const list = hashed.sort().join(",");
  const first = [
    "t",
    VERSIONS.get(versionOf(hello)) ?? "00",
    extensions.includes(SERVER_NAME) ? "d" : "i",
    counted(ciphers),
    counted(extensions),
    alpnOf(hello.alpn),
  ].join("");
  const second = digest(ciphers.map(digits).sort().join(","));
  return `${first}_${second}_${digest(algorithms.length > 0 ? `${list}_${algorithms.join(",")}` : list)}`;
}

/** Whether a number is none of those that clients send to keep servers tolerant: 0x0a0a, 0x1a1a, … (RFC 8701). */
function isMeant(number: number): boolean {
  return (number & 0x0f0f) !== 0x0a0a || number >> 8 !== (number & 0xff);
}

function versionOf({ versions, legacyVersion }: ClientHello): number {
  const meant = versions.filter(isMeant);
  return meant.length > 0 ? Math.max(...meant) : legacyVersion;
}

function counted(list: readonly number[]): string {
  return String(Math.min(99, list.length)).padStart(2, "0");
}

/** First and last character of the first protocol; of its hex digits where one of them is no letter or digit. */
function alpnOf(name: Uint8Array | null): string {
  if (name === null) return "00";
  const text = Buffer.from(name).toString("latin1");
  const ends = `${text[0]}${text.at(-1)}`;
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const hex = hexOf(name);
  return `${hex[0]}${hex.at(-1)}`;
}

function digits(number: number): string {
  return number.toString(16).padStart(4, "0");
}

function digest(text: string): string {
  return text === "" ? NO_DIGEST : hash("sha256", text, "hex").slice(0, DIGEST_DIGITS);
}

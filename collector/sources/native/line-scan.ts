import { randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { invariant } from "../../../lib/runtime/invariant.ts";

/** What wasm/line-scan.ts exports. */
type Scanner = {
  readonly memory: WebAssembly.Memory;
  scan(from: number, to: number): number;
  nextAt(): number;
  again(line: number): number;
  learn(line: number, pattern: number): void;
  clear(): void;
} & Readonly<
  Record<
    "KEYS_AT" | "KEY_BYTES" | "MOST_PATTERNS" | "LINES_AT" | "LINE_BYTES" | "BODY_AT" | "BODY_BYTES",
    WebAssembly.Global
  >
>;

const FILE = new URL("../../../wasm/generated/line-scan.wasm", import.meta.url);
const LF = 0x0a;
/** Offsets in a line's record, in its words of 4 and 8 bytes. */
const END = 1;
const PATTERN = 2;
const NOT_KNOWN = -1;
const COUNT = 3;
const VALUES = 3;

let compiled: WebAssembly.Module | null = null;

/**
 * Lines of flat JSON, parted into bare whole numbers and the rest, which is looked up among patterns (wasm/line-scan.ts). Its keys
 * are random, so that nobody outside can make two different lines one pattern.
 */
export class LineScan {
  readonly mostPatterns: number;
  /** Most bytes that are scanned at once, the line feed at their end among them. */
  readonly mostBytes: number;
  readonly #scanner: Scanner;
  readonly #body: Uint8Array;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  /** Whether patterns were forgotten since the last scan, so that what it found is out of date. */
  #forgot = false;
  readonly #linesAt: number;
  readonly #lineBytes: number;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(FILE));
    const env = { abort: () => invariant(false, "the scanner keeps within its memory") };
    const scanner = new WebAssembly.Instance(compiled, { env }).exports as unknown as Scanner;
    const { buffer } = scanner.memory;
    this.#scanner = scanner;
    this.mostPatterns = scanner.MOST_PATTERNS.value;
    this.mostBytes = scanner.BODY_BYTES.value;
    this.#linesAt = scanner.LINES_AT.value;
    this.#lineBytes = scanner.LINE_BYTES.value;
    this.#body = new Uint8Array(buffer, scanner.BODY_AT.value, this.mostBytes + 64);
    this.#words = new Int32Array(buffer);
    this.#numbers = new Float64Array(buffer);
    randomFillSync(new Uint8Array(buffer, scanner.KEYS_AT.value, scanner.KEY_BYTES.value));
  }

  /** Takes bytes to scan: whole lines, of which the last may lack its line feed. */
  load(bytes: Uint8Array): void {
    this.#body.set(bytes);
    // Past the end there is always a line feed, so that no search runs on into what was there before.
    this.#body.fill(LF, bytes.length, bytes.length + 64);
  }

  /** Scans lines from `at` on; answers how many, at most some thousands. */
  scan(at: number, length: number): number {
    this.#forgot = false;
    return this.#scanner.scan(at, length);
  }

  /** Where scanning goes on. */
  get nextAt(): number {
    return this.#scanner.nextAt();
  }

  startOf(line: number): number {
    return this.#words[this.#record(line, 4)] as number;
  }
  endOf(line: number): number {
    return this.#words[this.#record(line, 4) + END] as number;
  }
  /** The number of its pattern; below 0 where it is not known (-1), or the line is not plain (-2). */
  patternOf(line: number): number {
    const found = this.#words[this.#record(line, 4) + PATTERN] as number;
    // What an earlier line of the same scan has taught is known by now.
    return found === NOT_KNOWN || (found >= 0 && this.#forgot) ? this.#scanner.again(line) : found;
  }
  numbersOf(line: number): number {
    return this.#words[this.#record(line, 4) + COUNT] as number;
  }
  numberOf(line: number, which: number): number {
    return this.#numbers[this.#record(line, 8) + VALUES + which] as number;
  }

  /** Gives a line's pattern a number. */
  learn(line: number, pattern: number): void {
    this.#scanner.learn(line, pattern);
  }

  /** Forgets every pattern. */
  clear(): void {
    this.#scanner.clear();
    this.#forgot = true;
  }

  #record(line: number, wordBytes: number): number {
    return (this.#linesAt + line * this.#lineBytes) / wordBytes;
  }
}

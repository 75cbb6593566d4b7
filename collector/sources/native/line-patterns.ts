import { MAX_COUNT } from "../../../lib/contract/ingest.ts";
import type { Handshake } from "../../../lib/domain/handshake.ts";
import {
  COUNT_FIELD,
  NUMBER_FIELDS,
  type NumberField,
  Patterns,
  type PlainHandshakes,
} from "../../pipeline/plain-handshakes.ts";
import { LineScan } from "./line-scan.ts";

const MOST_NUMBERS = 8;
/** A bare number of a line that no handshake has. */
const NO_FIELD = 255;
const AT_MS = 0;
/** What each bare number of a line is called, and its digits. */
const NAMED = /"([^"]*)"(?:\s*:\s*(\d+)(?=[,}\s]|$))?/g;
const WIRE_NAMES: Readonly<Record<string, NumberField>> = {
  ts: "atMs",
  handshakeUs: "handshakeUs",
  ttfbUs: "ttfbUs",
  ticketAgeS: "ticketAgeS",
  count: "count",
};

/**
 * Lines of JSON that differ from one seen before in bare numbers only. Most lines of a sender do, in their time and how long they
 * took: those are read without JSON. What a pattern means is what the parser said of the first line of it.
 */
export class LinePatterns {
  readonly scan = new LineScan();
  #patterns = new Patterns(this.scan.mostPatterns);
  readonly #fields = new Uint8Array(this.scan.mostPatterns * MOST_NUMBERS);

  /**
   * Adds the handshake of a scanned line, of a pattern that is known, where its time lies within the window. False where the parser
   * has to read it.
   */
  take(
    line: number,
    plain: PlainHandshakes,
    { earliestMs, latestMs }: { readonly earliestMs: number; readonly latestMs: number },
  ): boolean {
    const { scan } = this;
    const id = scan.patternOf(line);
    if (id < 0 || (plain.patterns !== null && plain.patterns !== this.#patterns)) return false;
    const at = plain.add(this.#patterns, id);
    const count = scan.numbersOf(line);
    for (let which = 0; which < count; which += 1) {
      const field = this.#fields[id * MOST_NUMBERS + which] as number;
      if (field !== NO_FIELD) plain.set(at + field, scan.numberOf(line, which));
    }
    const index = plain.length - 1;
    const atMs = plain.numberAt(index, AT_MS);
    const told = plain.numberAt(index, COUNT_FIELD);
    if (atMs >= earliestMs && atMs <= latestMs && told >= 1 && told <= MAX_COUNT) return true;
    plain.drop();
    return false;
  }

  /** Learns the pattern of a scanned line, where it is one: `handshake` is what the parser made of its `text`. */
  learn(line: number, text: string, handshake: Handshake): void {
    const { scan } = this;
    if (scan.patternOf(line) !== -1 || !isCommon(handshake)) return;
    const fields = this.#fieldsOf(line, text);
    if (!fields || !reads(fields, handshake)) return;
    // All of them anew: what is common is soon known again.
    if (this.#patterns.handshakes.length >= scan.mostPatterns) {
      scan.clear();
      this.#patterns = new Patterns(scan.mostPatterns);
    }
    const id = this.#patterns.add(handshake);
    scan.learn(line, id);
    for (const [which, { field }] of fields.entries()) {
      const known = field === null ? NO_FIELD : NUMBER_FIELDS.indexOf(field);
      this.#fields[id * MOST_NUMBERS + which] = known;
    }
  }

  /** The bare numbers of a line as its text tells them; null where the scanner saw others. */
  #fieldsOf(line: number, text: string): Told[] | null {
    const told = [...text.matchAll(NAMED)].flatMap(([, name = "", digits]) =>
      digits === undefined ? [] : [{ field: fieldOf(name), value: Number(digits) }],
    );
    const isSame = told.every(({ value }, which) => value === this.scan.numberOf(line, which));
    return told.length === this.scan.numbersOf(line) && isSame ? told : null;
  }
}

type Told = { readonly field: NumberField | null; readonly value: number };

const fieldOf = (name: string): NumberField | null =>
  Object.hasOwn(WIRE_NAMES, name) ? (WIRE_NAMES[name] ?? null) : null;

/** Whether the numbers mean what they say: a time in another unit, or a number that is given twice, is left to the parser. */
function reads(told: readonly Told[], handshake: Handshake): boolean {
  const of = (field: NumberField): number | null =>
    told.findLast((one) => one.field === field)?.value ?? (field === "count" ? 1 : null);
  return NUMBER_FIELDS.every((field) => of(field) === handshake[field]);
}

/** Whether many others may be like it: it tells of no single ticket, client or key, and did not fail. */
function isCommon({ outcome, ticketId, client, keyName, alert }: Handshake): boolean {
  return outcome !== "failed" && ticketId === null && client === null && keyName === null && alert === null;
}

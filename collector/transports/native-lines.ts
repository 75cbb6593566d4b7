import type { Intake, TimeWindow } from "../pipeline/intake.ts";
import { LinePatterns } from "../sources/native/line-patterns.ts";

const LF = 0x0a;
const CR = 0x0d;

type Reading = {
  readonly window: TimeWindow;
  /** Takes a line by its text, whatever it is. */
  readonly parse: (line: string, index: number) => void;
};

/** Lines of native handshakes: by the patterns of earlier ones where they have one, by the parser else. */
export class NativeLines {
  readonly #patterns = new LinePatterns();
  readonly #mostBytes: number;

  /** Longer lines are the parser's to refuse. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Takes every line of a body that is not blank, with its index among all lines from 0. */
  read(body: Buffer, intake: Intake, reading: Reading): void {
    const { mostBytes } = this.#patterns.scan;
    let index = 0;
    for (let at = 0; at < body.length; ) {
      const end = portionEnd(body, at, mostBytes);
      const portion = body.subarray(at, end);
      index = portion.length < mostBytes ? this.#readPortion(portion, intake, { index, ...reading }) : index;
      // One line that is longer than all that is scanned at once.
      if (portion.length >= mostBytes) reading.parse(textOf(portion, 0, portion.length - 1), index++);
      at = end;
    }
  }

  #readPortion(
    portion: Buffer,
    intake: Intake,
    { window, parse, index: first }: Reading & { readonly index: number },
  ): number {
    const patterns = this.#patterns;
    const { scan } = patterns;
    const bounds = {
      earliestMs: window.nowMs - window.maxPastMs,
      latestMs: window.nowMs + window.maxFutureMs,
    };
    let index = first;
    scan.load(portion);
    for (let at = 0; at < portion.length; at = scan.nextAt) {
      const lines = scan.scan(at, portion.length);
      for (let line = 0; line < lines; line += 1, index += 1) {
        const [start, end] = [scan.startOf(line), scan.endOf(line)];
        if (end - start <= this.#mostBytes && patterns.take(line, intake.plain, bounds)) continue;
        const text = textOf(portion, start, end);
        if (text.trim() === "") continue;
        const before = intake.handshakes.length;
        parse(text, index);
        const made = intake.handshakes[before];
        if (made) patterns.learn(line, text, made);
      }
    }
    return index;
  }
}

/** The end of the last whole line within so many bytes; of the first one where it is longer; of the body where it has no end. */
function portionEnd(body: Buffer, at: number, most: number): number {
  if (body.length - at < most) return body.length;
  const last = body.lastIndexOf(LF, at + most - 2);
  if (last >= at) return last + 1;
  const first = body.indexOf(LF, at);
  return first < 0 ? body.length : first + 1;
}

function textOf(portion: Buffer, start: number, end: number): string {
  const last = end > start && portion[end - 1] === LF ? end - 1 : end;
  return portion.toString("utf8", start, last > start && portion[last - 1] === CR ? last - 1 : last);
}

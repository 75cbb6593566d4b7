/** How a stream of syslog messages was cut: RFC 6587 octet counting, or lines. */
export type Frames = { readonly messages: string[]; readonly tooLong: number };

const LF = 0x0a;
const SPACE = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Digits of a length: RFC 6587 sets no limit, ours is the longest line. */
const MAX_DIGITS = 7;

/**
 * Cuts one TCP connection's bytes into messages (RFC 6587 3.4): `LEN SP MSG` where a frame begins with digits, and
 * lines ended by LF otherwise. A message longer than `maxBytes` is dropped and counted; memory stays below twice that.
 */
export class SyslogFraming {
  readonly #maxBytes: number;
  #buffer: Buffer = Buffer.alloc(0);
  /** Bytes still to be thrown away of a counted message that is too long. */
  #skip = 0;
  /** In the middle of a line that is too long. */
  #skipLine = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): Frames {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const messages: string[] = [];
    let tooLong = 0;
    let at = 0;
    for (;;) {
      at += this.#skipped(at);
      if (at >= this.#buffer.length) break;
      const frame = this.#frameAt(at);
      if (frame === null) break;
      if (frame.tooLong) tooLong += 1;
      else if (frame.end > frame.start) messages.push(this.#buffer.toString("utf8", frame.start, frame.end));
      at = frame.next;
    }
    this.#buffer = Buffer.from(this.#buffer.subarray(Math.min(at, this.#buffer.length)));
    return { messages, tooLong };
  }

  /** What is left at the end of the stream: an unfinished line counts as a line. */
  end(): Frames {
    const text = this.#skipLine || this.#skip > 0 ? "" : this.#buffer.toString("utf8").trim();
    this.#buffer = Buffer.alloc(0);
    return {
      messages: text === "" || /^\d+ ?$/.test(text) ? [] : [text.replace(/^\d+ (?=<)/, "")],
      tooLong: 0,
    };
  }

  #skipped(at: number): number {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, this.#buffer.length - at);
      this.#skip -= taken;
      return taken;
    }
    if (!this.#skipLine) return 0;
    const lf = this.#buffer.indexOf(LF, at);
    this.#skipLine = lf < 0;
    return (lf < 0 ? this.#buffer.length : lf + 1) - at;
  }

  #frameAt(at: number): { start: number; end: number; next: number; tooLong: boolean } | null {
    const counted = this.#countAt(at);
    if (counted === "incomplete") return null;
    if (counted !== null) {
      const { start, length } = counted;
      if (length > this.#maxBytes) {
        this.#skip = length;
        return { start, end: start, next: start, tooLong: true };
      }
      if (this.#buffer.length < start + length) return null;
      const end = start + length;
      const next = this.#buffer[end] === LF ? end + 1 : end;
      return { start, end: this.#buffer[end - 1] === LF ? end - 1 : end, next, tooLong: false };
    }
    const lf = this.#buffer.indexOf(LF, at);
    if (lf < 0 && this.#buffer.length - at <= this.#maxBytes) return null;
    if (lf < 0) this.#skipLine = true;
    const end = lf < 0 ? this.#buffer.length : lf;
    const start = at;
    const trimmed = this.#buffer[end - 1] === 0x0d ? end - 1 : end;
    return { start, end: trimmed, next: lf < 0 ? end : lf + 1, tooLong: end - start > this.#maxBytes };
  }

  #countAt(at: number): { start: number; length: number } | "incomplete" | null {
    let i = at;
    while (i < this.#buffer.length && i - at <= MAX_DIGITS) {
      const byte = this.#buffer[i] ?? 0;
      if (byte < DIGIT_0 || byte > DIGIT_9) break;
      i += 1;
    }
    if (i === at) return null;
    if (i === this.#buffer.length) return i - at > MAX_DIGITS ? null : "incomplete";
    // Plain lines may begin with digits too (nginx dates): only "LEN SP <" or "LEN SP {" is a count.
    const next = this.#buffer[i + 1];
    if (this.#buffer[i] !== SPACE) return null;
    if (next === undefined) return "incomplete";
    if (next !== 0x3c && next !== 0x7b) return null;
    return { start: i + 1, length: Number(this.#buffer.toString("latin1", at, i)) };
  }
}

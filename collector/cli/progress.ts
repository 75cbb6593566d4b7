import type { Writable } from "node:stream";
import cliProgress from "cli-progress";
import type { Clock } from "../../lib/runtime/clock.ts";

/** Between two lines of progress where no terminal shows a bar. */
const LINE_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

const CLEAR_LINE = "\r\x1b[K";

type Bar = InstanceType<typeof cliProgress.SingleBar>;

/**
 * How far a long read of files has come: a bar on a terminal, otherwise a line now and then. Bytes are those that lie
 * on the disk, packed or not, since nothing else is known beforehand; the time left follows from them.
 */
export class Progress {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #clock: Clock;
  #bar: Bar | null = null;
  #what = "";
  #totalBytes = 0;
  #bytes = 0;
  #lines = 0;
  #startMs = 0;
  #toldMs = 0;

  constructor(stream: Writable & { readonly isTTY?: boolean }, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  begin(what: string, totalBytes: number): void {
    this.end();
    this.#what = what;
    this.#totalBytes = totalBytes;
    this.#bytes = 0;
    this.#lines = 0;
    this.#startMs = this.#clock();
    this.#toldMs = this.#startMs;
    if (!this.#stream.isTTY) return;
    const format = "{what} {bar} {percentage} % | {text}";
    // The types know only process streams; cli-progress itself writes, and asks for the width.
    const stream = this.#stream as NodeJS.WriteStream;
    this.#bar = new cliProgress.SingleBar({ format, stream, hideCursor: false, clearOnComplete: true });
    this.#bar.start(Math.max(1, totalBytes), 0, { what, text: "" });
  }

  /** Writes a line beside the bar. */
  say(line: string): void {
    this.#stream.write(this.#bar ? `${CLEAR_LINE}${line}\n` : `${line}\n`);
  }

  readBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  tookLines(lines: number): void {
    this.#lines += lines;
    const nowMs = this.#clock();
    if (nowMs - this.#toldMs < (this.#bar ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
    this.#toldMs = nowMs;
    const text = this.describe(nowMs);
    if (this.#bar) this.#bar.update(Math.min(this.#bytes, this.#totalBytes), { what: this.#what, text });
    else this.#stream.write(`${this.#what}: ${text}\n`);
  }

  /** Bytes of all, lines a second so far, and the time that is left at this rate. */
  describe(nowMs: number): string {
    const seconds = Math.max(0.001, (nowMs - this.#startMs) / 1000);
    const left = this.#bytes > 0 ? ((this.#totalBytes - this.#bytes) * seconds) / this.#bytes : null;
    const share = `${megabytes(this.#bytes)} of ${megabytes(this.#totalBytes)} MB`;
    const rate = `${Math.round(this.#lines / seconds).toLocaleString("en")} lines/s`;
    return [share, rate, left === null ? "" : `${duration(Math.max(0, left))} left`]
      .filter(Boolean)
      .join(", ");
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

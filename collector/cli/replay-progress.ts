import type { Writable } from "node:stream";
import cliProgress from "cli-progress";
import { inUtc } from "../../lib/domain/words.ts";
import type { Clock } from "../../lib/runtime/clock.ts";

/** Between two lines of progress where no terminal shows a bar. */
const LINE_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;

type Bar = InstanceType<typeof cliProgress.SingleBar>;

/** How far a walk through stored time has come: a bar on a terminal, otherwise a line now and then. */
export class ReplayProgress {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #clock: Clock;
  readonly #span: { readonly fromMs: number; readonly toMs: number };
  readonly #bar: Bar | null;
  #toldMs: number;

  constructor(
    stream: Writable & { readonly isTTY?: boolean },
    clock: Clock,
    span: { readonly fromMs: number; readonly toMs: number },
  ) {
    this.#stream = stream;
    this.#clock = clock;
    this.#span = span;
    this.#toldMs = clock();
    this.#bar = stream.isTTY ? barOn(stream) : null;
    this.#bar?.start(Math.max(1, span.toMs - span.fromMs), 0, { text: "" });
  }

  /** The walk has reached a moment. */
  reached(ms: number): void {
    const nowMs = this.#clock();
    if (nowMs - this.#toldMs < (this.#bar ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
    this.#toldMs = nowMs;
    const text = inUtc(ms, 0);
    if (this.#bar) this.#bar.update(ms - this.#span.fromMs, { text });
    else this.#stream.write(`Replaying: ${text}, ${this.#percent(ms)} %\n`);
  }

  end(): void {
    this.#bar?.stop();
  }

  #percent(ms: number): number {
    const { fromMs, toMs } = this.#span;
    return Math.floor((100 * (ms - fromMs)) / Math.max(1, toMs - fromMs));
  }
}

function barOn(stream: Writable): Bar {
  // The types know only process streams; cli-progress itself writes, and asks for the width.
  const options = { stream: stream as NodeJS.WriteStream, hideCursor: false, clearOnComplete: true };
  return new cliProgress.SingleBar({ format: "Replaying {bar} {percentage} % | {text}", ...options });
}

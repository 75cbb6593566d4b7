export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** A span of time, end excluded; an end of +Infinity is still going on. */
export type Span = { readonly startMs: number; endMs: number };

/** Times that a family of signals must not learn from: departures that were told, surges, silences. Old ones are dropped. */
export class Mask {
  #spans: Span[] = [];

  add(span: Span): Span {
    this.#spans.push(span);
    return span;
  }

  /** Whether any masked time lies within [startMs, endMs). */
  covers(startMs: number, endMs: number): boolean {
    return this.#spans.some((span) => span.startMs < endMs && span.endMs > startMs);
  }

  forgetBefore(ms: number): void {
    this.#spans = this.#spans.filter(({ endMs }) => endMs >= ms);
  }
}

/** Spans of time in which something was heard, kept short and in order. Pure. */

/** [fromMs, toMs). */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** Spans that one list may have; beyond it the closest neighbours of the oldest become one. */
export const MAX_SPANS = 64;

/**
 * A list of spans in order, widened by another one: those closer to each other than `joinMs` become one. The list stays
 * below MAX_SPANS by joining its oldest two, which makes the past coarser and never the present.
 */
export function joinSpan(spans: readonly Span[], added: Span, joinMs: number): Span[] {
  let { fromMs, toMs } = added;
  const apart: Span[] = [];
  for (const span of spans) {
    if (span.fromMs > toMs + joinMs || span.toMs < fromMs - joinMs) apart.push(span);
    else {
      fromMs = Math.min(fromMs, span.fromMs);
      toMs = Math.max(toMs, span.toMs);
    }
  }
  const joined = [...apart, { fromMs, toMs }].sort((a, b) => a.fromMs - b.fromMs);
  while (joined.length > MAX_SPANS) {
    const [first, second] = joined.splice(0, 2);
    joined.unshift({ fromMs: first?.fromMs ?? 0, toMs: second?.toMs ?? 0 });
  }
  return joined;
}

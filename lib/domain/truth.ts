/**
 * Which of several views of the same handshakes counts. A node's log and its counters tell of the same connections, so
 * a rate is made of one of them at any moment: of the richer one (the log), or of the one that a person chose.
 */
import { joinSpan, type Span } from "./spans.ts";
import type { Vantage } from "./vocabulary.ts";

/** The product of a node as one vantage sees it. Null parts are not known. */
export type View = {
  readonly node: string | null;
  readonly system: string | null;
  readonly vantage: Vantage;
};
/** A view without how it was seen: which product of which node. */
type Product = Omit<View, "vantage">;
export type SeenView = View & {
  /** When it saw any, in order; pauses of up to GRACE_MS are none. */
  readonly spans: readonly Span[];
  /** Whether it told full from resumed at all. */
  readonly outcomes: boolean;
};
export type Choice = View;
/** What is known of views: which there are, and what people chose. */
export type Known = { readonly seen: readonly SeenView[]; readonly choices: readonly Choice[] };
/** A view that was heard from is taken to go on for this long: logs and counters arrive with different delays. */
export const GRACE_MS = 300_000;

/** Whether two views may be of one product on one node, and so tell of the same handshakes. */
export function ofSameHandshakes(a: Product, b: Product): boolean {
  return a.node === b.node && (a.system === null || b.system === null || a.system === b.system);
}

/** What a person chose for a node's product; undefined where nobody did. */
export function choiceOf(product: Product, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => ofSameHandshakes(choice, product));
}

/**
 * The vantage that counts for a node's product: the one that a person chose, otherwise the richer one. That is the log,
 * which knows protocol, client family and mechanism of each handshake, unless only counters tell full from resumed
 * (Envoy's access log cannot).
 */
export function preferredVantage(view: Product, known: Known): Vantage {
  const chosen = choiceOf(view, known.choices);
  if (chosen) return chosen.vantage;
  const tells = (vantage: Vantage): boolean =>
    known.seen.some((other) => ofSameHandshakes(other, view) && other.vantage === vantage && other.outcomes);
  return tells("counters") && !tells("log") ? "counters" : "log";
}

/**
 * When a view does not count because the preferred one saw the same handshakes, in order; empty when it always counts.
 * Before the preferred view began, while it was silent for longer than GRACE_MS, and after it ended the other one stands
 * in, so that connecting a log does not empty the past, and a log that pauses leaves no hole where counters went on.
 */
export function hiddenSpans(view: View, known: Known): Span[] {
  const preferred = preferredVantage(view, known);
  if (view.vantage === preferred) return [];
  return known.seen
    .filter((other) => ofSameHandshakes(other, view) && other.vantage === preferred)
    .flatMap((other) => other.spans)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + GRACE_MS }))
    .reduce<Span[]>((spans, span) => joinSpan(spans, span, 0), []);
}

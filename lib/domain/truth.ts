/**
 * Which of several views of the same handshakes counts. A node's log, its counters and a tap on its wire tell of the same
 * connections, so a rate is made of one of them at any moment: of the first in order, or of the one that a person chose.
 */
import { joinSpan, type Span } from "./spans.ts";
import { VANTAGES, type Vantage } from "./vocabulary.ts";

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
 * The vantage that counts for a node's product: the one that a person chose, otherwise the first that tells full from
 * resumed: the log, which has every connection with its client family and is complete by itself; then the wire; then
 * counters (before a log that cannot tell, such as Envoy's). Where none tells, the log.
 */
export function preferredVantage(view: Product, known: Known): Vantage {
  return rankingOf(view, known)[0] ?? "log";
}

/** Vantages in the order in which they count for a product. */
function rankingOf(view: Product, known: Known): Vantage[] {
  const chosen = choiceOf(view, known.choices)?.vantage;
  const tells = (vantage: Vantage): boolean =>
    known.seen.some((other) => ofSameHandshakes(other, view) && other.vantage === vantage && other.outcomes);
  const rest = VANTAGES.filter((vantage) => vantage !== chosen);
  const ranked = [...rest.filter(tells), ...rest.filter((vantage) => !tells(vantage))];
  return chosen ? [chosen, ...ranked] : ranked;
}

/**
 * When a view does not count because one that counts before it saw the same handshakes, in order; empty when it always
 * counts. Before that one began, while it was silent for longer than GRACE_MS, and after it ended the next one stands in,
 * so that connecting a log does not empty the past, and a log that pauses leaves no hole where counters went on. `among`:
 * the vantages that are asked at all (times are told by logs and the wire only).
 */
export function hiddenSpans(view: View, known: Known, among: readonly Vantage[] = VANTAGES): Span[] {
  const ranking = rankingOf(view, known).filter((vantage) => among.includes(vantage));
  const before = new Set(ranking.slice(0, Math.max(0, ranking.indexOf(view.vantage))));
  return known.seen
    .filter((other) => ofSameHandshakes(other, view) && before.has(other.vantage))
    .flatMap((other) => other.spans)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + GRACE_MS }))
    .sort((a, b) => a.fromMs - b.fromMs)
    .reduce<Span[]>((spans, span) => joinSpan(spans, span, 0), []);
}

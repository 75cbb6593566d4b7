/**
 * Which of several views of the same handshakes counts. A node's log and its counters tell of the same connections, so
 * a rate is made of one of them at any moment: of the richer one (the log), or of the one that a person chose.
 */
import type { Vantage } from "./vocabulary.ts";

/** The product of a node as one vantage sees it. Null parts are not known. */
export type View = {
  readonly node: string | null;
  readonly system: string | null;
  readonly vantage: Vantage;
};
export type SeenView = View & { readonly firstMs: number; readonly lastMs: number };
export type Choice = View;
/** [fromMs, toMs). */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** The vantage that knows more of each handshake: protocol, client family, latency, mechanism. */
export const RICHER: Vantage = "log";
/** A view that was heard from is taken to go on for this long: logs and counters arrive with different delays. */
export const GRACE_MS = 300_000;

/** Whether two products may be the same; one that is not known may be any. */
export function sameSystem(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

/** The vantage that counts for a node's product. */
export function preferredVantage(view: Omit<View, "vantage">, choices: readonly Choice[]): Vantage {
  const chosen = choices.find((c) => c.node === view.node && sameSystem(c.system, view.system));
  return chosen?.vantage ?? RICHER;
}

/**
 * When a view does not count because the preferred one saw the same handshakes; null when it always counts. Before the
 * preferred view began and after it ended the other one stands in, so that connecting a log does not empty the past.
 */
export function hiddenSpan(
  view: View,
  known: { readonly seen: readonly SeenView[]; readonly choices: readonly Choice[] },
): Span | null {
  const preferred = preferredVantage(view, known.choices);
  if (view.vantage === preferred) return null;
  const others = known.seen.filter(
    (other) =>
      other.vantage === preferred && other.node === view.node && sameSystem(other.system, view.system),
  );
  if (others.length === 0) return null;
  return {
    fromMs: Math.min(...others.map(({ firstMs }) => firstMs)),
    toMs: Math.max(...others.map(({ lastMs }) => lastMs)) + GRACE_MS,
  };
}

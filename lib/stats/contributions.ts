import { rateOf, type Share } from "../domain/rates.ts";
import { OVERFLOW_NAME } from "../domain/vocabulary.ts";
import { type Part, sumShares } from "./decompose.ts";

/** One value of a dimension on both sides of the onset. */
export type ValuePart = Part & { readonly value: string | null };
/** What it lost, in handshakes, and its part of all that its dimension lost. */
export type ValueLoss = ValuePart & { readonly lost: number; readonly lostShare: number };

/**
 * What each value of one dimension lost: lost = expected - seen, where expected is what the value's own rate before would have
 * given of its handshakes after (DOMAIN 5.3, expected rate). Most lost first. A value without a rate of its own before counts by
 * `newcomers`: `pooled` at the rate of all (a new node has to do as its peers), `none` as having lost nothing (new clients
 * are mix). Shares are of all that the dimension lost and add up to 1; where it lost nothing they are all 0.
 */
export function lossByValue(parts: readonly ValuePart[], newcomers: "pooled" | "none"): ValueLoss[] {
  const pooled = newcomers === "pooled" ? rateOf(sumShares(parts.map(({ before }) => before))) : null;
  const losses = parts.map((part) => {
    const rate = rateOf(part.before) ?? pooled;
    return { ...part, lost: rate === null ? 0 : rate * part.after.n - part.after.k };
  });
  const total = losses.reduce((sum, { lost }) => sum + lost, 0);
  return losses
    .map((loss) => ({ ...loss, lostShare: total > 0 ? loss.lost / total : 0 }))
    .sort((a, b) => b.lost - a.lost);
}

/** The `most` values that moved most, and the rest added up under one name, so that everything still adds up. */
export function capValues(losses: readonly ValueLoss[], most: number): ValueLoss[] {
  if (losses.length <= most) return [...losses];
  const bySize = [...losses].sort((a, b) => Math.abs(b.lost) - Math.abs(a.lost));
  const rest = bySize.slice(most - 1);
  const sum = (of: (loss: ValueLoss) => number): number => rest.reduce((total, loss) => total + of(loss), 0);
  const other: ValueLoss = {
    value: OVERFLOW_NAME,
    before: sumShares(rest.map(({ before }): Share => before)),
    after: sumShares(rest.map(({ after }): Share => after)),
    lost: sum(({ lost }) => lost),
    lostShare: sum(({ lostShare }) => lostShare),
  };
  return [...bySize.slice(0, most - 1), other].sort((a, b) => b.lost - a.lost);
}

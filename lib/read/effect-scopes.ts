/** Where a change had its effect: R before and after by every value of every dimension. Pure. */
import type { ScopeEffect } from "../contract/read-effect.ts";
import { completed, resumeShare, type Share } from "../domain/rates.ts";
import { MECHANISMS } from "../domain/vocabulary.ts";
import { difference } from "../stats/difference.ts";
import { zOfLogTail } from "../stats/normal.ts";
import { effective } from "../stats/overdispersion.ts";
import type { RollupRow } from "../store/port.ts";
import { CELL_DIMENSIONS, countsBy, countsOf } from "./cells.ts";
import { effectOf } from "./measured.ts";

/** Chance that any of all comparisons stands though nothing moved. */
const FAMILY_ALPHA = 0.05;
const MOST_ROWS = 200;

type Sides = {
  readonly before: readonly RollupRow[];
  readonly after: readonly RollupRow[];
  /** Over-dispersion of counts, at least 1. */
  readonly spread: number;
};
type Compared = {
  readonly dimension: ScopeEffect["dimension"];
  readonly value: string | null;
  readonly before: Share;
  readonly after: Share;
};

/**
 * R by scope: what stands first, then the most moved. A dimension with one value only is the whole and is left out. With many
 * comparisons some differ by chance, so a row `stands` only where 0 lies outside an interval at 5 % divided by their number
 * (Bonferroni), which holds however they depend on each other.
 */
export function effectByScope(sides: Sides): { scopes: ScopeEffect[]; comparisons: number; note: string } {
  const all = [...CELL_DIMENSIONS.flatMap((name) => byDimension(sides, name)), ...byMechanism(sides)];
  const comparisons = all.filter(({ before, after }) => before.n > 0 && after.n > 0).length;
  const z = zOfLogTail(Math.log(FAMILY_ALPHA / 2 / Math.max(1, comparisons)));
  const scopes = all.map(({ dimension, value, before, after }): ScopeEffect => {
    const strict = difference(effective(before, sides.spread), effective(after, sides.spread), z);
    const stands = strict !== null && (strict.low > 0 || strict.high < 0);
    return { dimension, value, ...effectOf(before, after, sides.spread), stands };
  });
  scopes.sort((a, b) => Number(b.stands) - Number(a.stands) || moved(b) - moved(a));
  return { scopes: scopes.slice(0, MOST_ROWS), comparisons, note: noteOf(comparisons) };
}

const moved = ({ difference: d }: ScopeEffect): number => (d ? Math.abs(d.value) : -1);

function byDimension({ before, after }: Sides, dimension: (typeof CELL_DIMENSIONS)[number]): Compared[] {
  const valueAt = (row: RollupRow): string | null => row.group[dimension] ?? null;
  const [a, b] = [countsBy(before, valueAt), countsBy(after, valueAt)];
  const values = [...new Set([...a.keys(), ...b.keys()])];
  if (values.length < 2) return [];
  const share = (counts: ReturnType<typeof a.get>): Share => (counts ? resumeShare(counts) : { k: 0, n: 0 });
  return values.map((value) => ({
    dimension,
    value,
    before: share(a.get(value)),
    after: share(b.get(value)),
  }));
}

/** Each mechanism's share of all completed handshakes, so that they add up to R; those that never resumed are left out. */
function byMechanism({ before, after }: Sides): Compared[] {
  const [a, b] = [countsOf(before), countsOf(after)];
  return [...MECHANISMS, "unknown" as const].flatMap((name) => {
    const [k0, k1] = [a.byMechanism[name], b.byMechanism[name]];
    if (k0 + k1 === 0) return [];
    const value = name === "unknown" ? null : name;
    const sides = { before: { k: k0, n: completed(a) }, after: { k: k1, n: completed(b) } };
    return [{ dimension: "mechanism" as const, value, ...sides }];
  });
}

function noteOf(comparisons: number): string {
  if (comparisons === 0) return "There is nothing to split this by.";
  const chance = (comparisons * FAMILY_ALPHA).toFixed(comparisons < 20 ? 1 : 0);
  return `${comparisons} comparisons: of their 95 % intervals about ${chance} leave 0 out by chance alone. Those marked hold for all of them together.`;
}

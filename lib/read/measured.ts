import type { MeasuredShare, RateEffect } from "../contract/read-effect.ts";
import type { Share } from "../domain/rates.ts";
import { difference } from "../stats/difference.ts";
import { wilson } from "../stats/interval.ts";
import { effective } from "../stats/overdispersion.ts";

/** A share as answers carry it: counts, value, Wilson 95 %; null where there are no trials. */
export function measured({ k, n }: Share): MeasuredShare {
  const interval = wilson(k, n);
  return interval && { k, n, value: k / n, ...interval };
}

/** A rate on both sides, and its difference with an interval that allows for over-dispersion (`spread` >= 1). */
export function effectOf(before: Share, after: Share, spread: number): RateEffect {
  return {
    before: measured(before),
    after: measured(after),
    difference: difference(effective(before, spread), effective(after, spread)),
  };
}

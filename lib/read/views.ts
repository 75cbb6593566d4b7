import { ofSameHandshakes } from "../domain/truth.ts";
import type { Coverage } from "../store/port-views.ts";

/** A product on a node that counters and at least one log tell of. */
export type ViewPair = { readonly counters: Coverage; readonly logs: readonly Coverage[] };

/** Where two kinds of truth tell of the same handshakes. */
export function viewPairs(coverage: readonly Coverage[]): ViewPair[] {
  return coverage
    .filter(({ vantage }) => vantage === "counters")
    .flatMap((counters) => {
      const logs = coverage.filter((c) => c.vantage === "log" && ofSameHandshakes(c, counters));
      return logs.length === 0 ? [] : [{ counters, logs }];
    });
}

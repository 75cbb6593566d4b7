import type { AlertRoute } from "../domain/alert-routing.ts";
import { type Labels, matches } from "./match.ts";

/** Where an alert goes, with everything that branches above have said. Lengths are milliseconds. */
export type Destination = {
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
};

/** What holds where no branch says otherwise; lengths as Prometheus Alertmanager has them. */
export const DEFAULT_DESTINATION: Omit<Destination, "receiver"> = {
  groupBy: ["endpoint"],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 4 * 3_600_000,
};

type Inherited = Omit<Destination, "receiver"> & { readonly receiver: string | null };

/** Every destination of an alert, in the order of the tree, each receiver once. None where no branch names a receiver. */
export function destinationsOf(root: AlertRoute, labels: Labels): Destination[] {
  const found = new Map<string, Destination>();
  for (const { receiver, ...rest } of descend(root, labels, { ...DEFAULT_DESTINATION, receiver: null }))
    if (receiver !== null && !found.has(receiver)) found.set(receiver, { ...rest, receiver });
  return [...found.values()];
}

function descend(route: AlertRoute, labels: Labels, above: Inherited): Inherited[] {
  const here: Inherited = {
    receiver: route.receiver ?? above.receiver,
    groupBy: route.groupBy ?? above.groupBy,
    groupWaitMs: route.groupWait ?? above.groupWaitMs,
    groupIntervalMs: route.groupInterval ?? above.groupIntervalMs,
    repeatIntervalMs: route.repeatInterval ?? above.repeatIntervalMs,
  };
  const taken: Inherited[] = [];
  for (const child of route.routes) {
    if (!matches(child.matchers, labels)) continue;
    taken.push(...descend(child, labels, here));
    if (!child.continue) break;
  }
  return taken.length > 0 ? taken : [here];
}

/** Facts about keys that need their whole history: coverage and agreement, as the page of keys shows them. */
import type { KeyFleet } from "../domain/key-fleet.ts";
import type { PolicyFacts } from "../policy/facts.ts";
import { readAgreement } from "./key-agreement.ts";

export type FleetFacts = Pick<PolicyFacts, "agreement" | "coverage">;

/** What uses of keys tell of an endpoint within [fromMs, toMs). Of several groups of keys the worst coverage counts. */
export function fleetFactsOf(
  endpoint: string,
  fleet: KeyFleet,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): FleetFacts {
  const shows = (place: { readonly endpoint: string | null }): boolean => place.endpoint === endpoint;
  const pairs = readAgreement(fleet, { fromMs, toMs, shows }).flatMap((each) => each.pairs);
  const offered = pairs.reduce((sum, pair) => sum + pair.offered, 0);
  const told = fleet.groups
    .filter(({ group }) =>
      group.places.some((id) => fleet.history.places.get(id)?.place.endpoint === endpoint),
    )
    .map(({ coverage }) => coverage);
  const worst =
    told.find(({ verdict }) => verdict === "bad") ??
    told.find(({ verdict }) => verdict === "unknown") ??
    told.find(({ verdict }) => verdict === "ok");
  return {
    agreement: offered > 0 ? { value: pairs, from: "keys", count: offered } : null,
    coverage: worst
      ? { value: { verdict: worst.verdict, sentence: worst.sentence }, from: "keys", count: told.length }
      : null,
  };
}

import type { Intent } from "../../lib/domain/intent.ts";
import { NO_INTENT } from "../../lib/domain/intent.ts";
import type { Mechanism } from "../../lib/domain/vocabulary.ts";
import {
  type Fact,
  type KeyFact,
  type KeyFacts,
  NO_FACTS,
  type PolicyFacts,
} from "../../lib/policy/facts.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const NOW = Date.UTC(2026, 10, 26, 12);

type Known = Partial<Omit<PolicyFacts, "intent">> & { readonly intent?: Partial<Intent> };

/** Facts of which only these are known. */
export function known({ intent = {}, ...rest }: Known): PolicyFacts {
  return { ...NO_FACTS, ...rest, intent: { ...NO_INTENT, ...intent } };
}

export const fact = <T>(value: T, count = 1_000): Fact<T> => ({ value, count, from: "telemetry" });
export const split = (yes: readonly string[], no: readonly string[] = []) =>
  fact({ yes, no }, yes.length + no.length);

/** A key at a node: issued from `fromH` to `toH` hours before NOW (and accepted as long), or as given. */
export function key(
  keyName: string,
  node: string,
  given: Partial<KeyFact> & { fromH?: number; toH?: number } = {},
): KeyFact {
  const { fromH, toH, ...rest } = given;
  const at = (hours: number | undefined): number | null =>
    hours === undefined ? null : NOW - hours * HOUR_MS;
  return {
    keyName,
    node,
    firstIssuedMs: at(fromH),
    lastIssuedMs: at(toH),
    firstAcceptedMs: at(fromH),
    lastAcceptedMs: at(toH),
    firstRefusedMs: null,
    lastRefusedMs: null,
    lastLoadedMs: null,
    basis: "issued",
    issued: fromH === undefined ? 0 : 100,
    accepted: fromH === undefined ? 0 : 100,
    ...rest,
  };
}

export function keys(list: readonly KeyFact[], events: KeyFacts["events"] = []): Fact<KeyFacts> {
  const times = list.flatMap((each) =>
    [
      each.firstIssuedMs,
      each.lastIssuedMs,
      each.lastAcceptedMs,
      each.lastRefusedMs,
      each.lastLoadedMs,
    ].filter((ms) => ms !== null),
  );
  const value = { keys: list, events, observedFromMs: Math.min(...times), observedToMs: Math.max(...times) };
  return { value, from: "keys", count: list.length };
}

/** Daily rotations on two nodes: k1 until two days ago, then k2, then k3, which is current. */
export const ROTATED = ["edge-1", "edge-2"].flatMap((node) => [
  key("k1", node, { fromH: 60, toH: 48 }),
  key("k2", node, { fromH: 48, toH: 24 }),
  key("k3", node, { fromH: 24, toH: 0 }),
]);

export const resumed = (counts: Partial<Record<Mechanism | "unknown", number>>, completed: number) =>
  fact({ session_id: 0, ticket: 0, psk: 0, unknown: 0, ...counts }, completed);

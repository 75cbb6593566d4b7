/** What several rules measure in the same way. */
import { INTENT_FIELDS, type IntentName } from "../domain/intent.ts";
import { inWhole } from "../domain/words.ts";
import type { KeyFact, KeyFacts, NodeSplit, PolicyFacts } from "./facts.ts";
import type { Evidence } from "./rule.ts";

/** A figure that was measured or declared, and how it is shown. */
export type Measured = { readonly value: number; readonly declared: boolean; readonly evidence: Evidence };

const figure = (value: number, declared: boolean, evidence: Evidence): Measured => ({
  value,
  declared,
  evidence,
});

/** A length of seconds in words, finer than elsewhere, since limits are compared: 45 s, 12.5 min, 3.5 h, 2.1 days. */
export function inSeconds(seconds: number): string {
  const [size, unit] =
    seconds < 90
      ? [1, "s"]
      : seconds < 5_400
        ? [60, "min"]
        : seconds < 172_800
          ? [3_600, "h"]
          : [86_400, "days"];
  return `${Number((seconds / size).toFixed(1))} ${unit}`;
}

/** A declaration as evidence; nothing where none was made. */
export function declared(facts: PolicyFacts, ...names: readonly IntentName[]): Evidence[] {
  return names.flatMap((name) => {
    const value = facts.intent[name];
    return value === null
      ? []
      : [{ label: `${INTENT_FIELDS[name].label} (declared)`, value: inWords(name, value) }];
  });
}

function inWords(name: IntentName, value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value.replaceAll("_", " ");
  return INTENT_FIELDS[name].kind === "seconds" ? inSeconds(value) : inWhole(value);
}

/** The longest ticket lifetime, seconds: what servers really told, or else what was declared. Null: not known. */
export function lifetimeOf(facts: PolicyFacts, version: "tls13" | "any"): Measured | null {
  const seen = [
    ["TLS 1.3", facts.lifetimeTls13S] as const,
    ...(version === "any" ? [["TLS 1.2", facts.lifetimeTls12S] as const] : []),
  ].flatMap(([name, fact]) => (fact ? [{ name, value: fact.value, count: fact.count }] : []));
  const longest = seen.sort((a, b) => b.value - a.value)[0];
  if (longest)
    return figure(longest.value, false, {
      label: `Longest lifetime that was told (${longest.name})`,
      value: `${inSeconds(longest.value)}, of ${inWhole(longest.count)} seen`,
    });
  return declaredFigure(facts, "ticketLifetimeS");
}

function declaredFigure(
  facts: PolicyFacts,
  name: "ticketLifetimeS" | "rotationPeriodS" | "retainedKeys",
): Measured | null {
  const value = facts.intent[name];
  const [evidence] = declared(facts, name);
  return value === null || !evidence ? null : figure(value, true, evidence);
}

/** Keys by node. */
export function byNode(keys: readonly KeyFact[]): ReadonlyMap<string | null, readonly KeyFact[]> {
  const groups = new Map<string | null, KeyFact[]>();
  for (const key of keys) groups.set(key.node, [...(groups.get(key.node) ?? []), key]);
  return groups;
}

/** When only opened tickets are seen, keys that were there before show within so long; what shows later is new. */
const WARM_UP_MS = 6 * 3_600_000;

/** A key's time of issue at one node. */
export type IssuingKey = {
  readonly keyName: string;
  readonly node: string | null;
  readonly firstIssuedMs: number;
  readonly lastIssuedMs: number;
  /** Whether its beginning was witnessed: another key issued before it there. */
  readonly bornSeen: boolean;
};

/** Keys that issued, by node, in the order in which they began there. */
function issuedByNode({ keys }: KeyFacts): IssuingKey[][] {
  return [...byNode(keys).values()].map((list) => {
    const known = list
      .flatMap(({ keyName, node, firstIssuedMs, lastIssuedMs, basis }) =>
        firstIssuedMs === null || lastIssuedMs === null
          ? []
          : [{ keyName, node, firstIssuedMs, lastIssuedMs, basis }],
      )
      .sort((a, b) => a.firstIssuedMs - b.firstIssuedMs);
    const firstMs = known[0]?.firstIssuedMs ?? 0;
    return known.map(({ basis, ...key }) => {
      const afterMs = key.firstIssuedMs - firstMs;
      return { ...key, bornSeen: basis === "issued" ? afterMs > 0 : afterMs >= WARM_UP_MS };
    });
  });
}

/** The key that each node issued under last. */
export function currentKeys(facts: KeyFacts): IssuingKey[] {
  return issuedByNode(facts).flatMap(
    (list) =>
      [...list].sort((a, b) => b.lastIssuedMs - a.lastIssuedMs || b.firstIssuedMs - a.firstIssuedMs)[0] ?? [],
  );
}

export type KeyName = {
  readonly keyName: string;
  readonly firstIssuedMs: number;
  readonly lastIssuedMs: number;
};

/** Keys of the whole endpoint that were issued under, in the order of their first issue. */
export function issuingKeys(facts: KeyFacts): KeyName[] {
  return namesOf(issuedByNode(facts).flat());
}

/** Rotations that were witnessed: keys that began at a node after another one had issued there. */
export function rotationsOf(facts: KeyFacts): KeyName[] {
  return namesOf(
    issuedByNode(facts)
      .flat()
      .filter((key) => key.bornSeen),
  );
}

function namesOf(keys: readonly IssuingKey[]): KeyName[] {
  const names = new Map<string, KeyName>();
  for (const { keyName, firstIssuedMs, lastIssuedMs } of keys) {
    const known = names.get(keyName);
    names.set(keyName, {
      keyName,
      firstIssuedMs: Math.min(known?.firstIssuedMs ?? Number.POSITIVE_INFINITY, firstIssuedMs),
      lastIssuedMs: Math.max(known?.lastIssuedMs ?? 0, lastIssuedMs),
    });
  }
  return [...names.values()].sort((a, b) => a.firstIssuedMs - b.firstIssuedMs);
}

/** How long a key encrypts, seconds: the longest time between two witnessed beginnings, or what was declared. */
export function rotationPeriodOf(facts: PolicyFacts): Measured | null {
  // The first key's beginning was not seen, so only gaps between later ones count.
  const gaps = (facts.keys ? issuedByNode(facts.keys.value) : []).flatMap((list) => {
    const begins = list.filter((key) => key.bornSeen).map((key) => key.firstIssuedMs);
    return begins.slice(1).map((ms, i) => (ms - (begins[i] ?? ms)) / 1_000);
  });
  if (gaps.length === 0) return declaredFigure(facts, "rotationPeriodS");
  const longest = Math.max(...gaps);
  return figure(longest, false, {
    label: "Longest time between rotations",
    value: `${inSeconds(longest)}, of ${inWhole(gaps.length)} seen`,
  });
}

/** Nodes told to hold so many keys at least, and the fewest; null where nothing was told within a day of the newest sighting. */
export function loadedKeys(
  facts: PolicyFacts,
): { readonly fewest: number; readonly nodes: readonly string[] } | null {
  if (!facts.keys) return null;
  const sinceMs = facts.keys.value.observedToMs - 86_400_000;
  const loaded = facts.keys.value.keys.filter((key) => (key.lastLoadedMs ?? 0) >= sinceMs);
  const counts = [...byNode(loaded)].map(([node, keys]) => [nodeName(node), keys.length] as const);
  if (counts.length === 0) return null;
  const fewest = Math.min(...counts.map(([, count]) => count));
  return { fewest, nodes: counts.filter(([, count]) => count === fewest).map(([node]) => node) };
}

/** Old keys that nodes keep for opening tickets: what they told that they hold beyond the current one, or what was declared. */
export function retainedOf(facts: PolicyFacts): Measured | null {
  const loaded = loadedKeys(facts);
  if (loaded)
    return figure(Math.max(0, loaded.fewest - 1), false, {
      label: "Keys held beside the current one, at least",
      value: inWhole(Math.max(0, loaded.fewest - 1)),
      nodes: loaded.nodes,
    });
  return declaredFigure(facts, "retainedKeys");
}

export const nodeName = (node: string | null): string => node ?? "unknown node";

/** A node split as evidence. */
export function splitEvidence(split: NodeSplit, yes: string, no: string): Evidence[] {
  const line = (label: string, nodes: readonly string[]): Evidence[] =>
    nodes.length ? [{ label, value: inNodes(nodes.length), nodes }] : [];
  return [...line(yes, split.yes), ...line(no, split.no)];
}

export const inNodes = (count: number): string => (count === 1 ? "1 node" : `${inWhole(count)} nodes`);

/** Whether TLS 1.3 is known not to be spoken here: by the prober, or since no handshake of many was one. */
export function isWithoutTls13(facts: PolicyFacts): boolean {
  const probed = facts.probedProtocols?.value["TLSv1.3"];
  if (probed) return probed.yes.length === 0 && probed.no.length > 0;
  return (
    facts.protocols !== null && facts.protocols.count > 0 && (facts.protocols.value["TLSv1.3"] ?? 0) === 0
  );
}

/** Whether TLS 1.2 and older are known not to be spoken here. */
export function isOnlyTls13(facts: PolicyFacts): boolean {
  const probed = facts.probedProtocols?.value["TLSv1.2"];
  if (probed) return probed.yes.length === 0 && probed.no.length > 0;
  if (!facts.protocols || facts.protocols.count === 0) return false;
  return (facts.protocols.value["TLSv1.3"] ?? 0) === facts.protocols.count;
}

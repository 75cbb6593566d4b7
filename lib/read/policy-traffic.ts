/** Facts that handshakes tell: what resumed and how, protocols, early data, ages, suites. */
import type { Mechanism, Protocol } from "../domain/vocabulary.ts";
import type { Fact, PolicyFacts } from "../policy/facts.ts";
import type { RollupRow, StoredSample } from "../store/port.ts";

export type TrafficFacts = Pick<
  PolicyFacts,
  "resumed" | "protocols" | "earlyData" | "oldestTls12S" | "ciphers"
>;

/** What rows and samples of one endpoint tell. Bots and monitors count: a rule holds for them too. */
export function trafficFactsOf(
  rows: readonly RollupRow[],
  ages: readonly RollupRow[],
  samples: readonly StoredSample[],
): TrafficFacts {
  return {
    resumed: resumedOf(rows),
    protocols: protocolsOf(rows),
    earlyData: earlyDataOf(rows),
    oldestTls12S: oldestOf(ages),
    ciphers: ciphersOf(samples),
  };
}

const telemetry = <T>(value: T, count: number): Fact<T> | null =>
  count > 0 ? { value, from: "telemetry", count } : null;

function resumedOf(rows: readonly RollupRow[]): TrafficFacts["resumed"] {
  const by: Record<Mechanism | "unknown", number> = { session_id: 0, ticket: 0, psk: 0, unknown: 0 };
  let completed = 0;
  for (const { outcome, mechanism, count } of rows) {
    if (outcome !== "full" && outcome !== "resumed") continue;
    completed += count;
    if (outcome === "resumed") by[mechanism ?? "unknown"] += count;
  }
  return telemetry(by, completed);
}

function protocolsOf(rows: readonly RollupRow[]): TrafficFacts["protocols"] {
  const by: Partial<Record<Protocol, number>> = {};
  let known = 0;
  for (const { group, outcome, count } of rows) {
    const protocol = (group.protocol ?? null) as Protocol | null;
    if (protocol === null || outcome === "failed") continue;
    known += count;
    by[protocol] = (by[protocol] ?? 0) + count;
  }
  return telemetry(by, known);
}

function earlyDataOf(rows: readonly RollupRow[]): TrafficFacts["earlyData"] {
  const sum = { accepted: 0, rejected: 0 };
  let known = 0;
  for (const { earlyData, count } of rows) {
    if (earlyData === null) continue;
    known += count;
    if (earlyData !== "none") sum[earlyData] += count;
  }
  return telemetry(sum, known);
}

function oldestOf(rows: readonly RollupRow[]): TrafficFacts["oldestTls12S"] {
  let [oldestS, known] = [0, 0];
  for (const { ticketAgeS } of rows) {
    if (!ticketAgeS || ticketAgeS.count === 0) continue;
    known += ticketAgeS.count;
    oldestS = Math.max(oldestS, ticketAgeS.quantile(1) ?? 0);
  }
  return telemetry(oldestS, known);
}

/** Samples are the odd cases of traffic, so a suite that they lack may still be in use. */
function ciphersOf(samples: readonly StoredSample[]): TrafficFacts["ciphers"] {
  const seen = samples.flatMap(({ handshake }) =>
    handshake.cipher !== null && handshake.outcome !== "failed" ? [handshake.cipher] : [],
  );
  return seen.length > 0 ? { value: [...new Set(seen)].sort(), from: "samples", count: seen.length } : null;
}

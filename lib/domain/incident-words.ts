/** What an incident is, in one sentence with its figures; the same on screens, in steps of its life and on the terminal. */
import { inLength, inList, inPercent, inWhole } from "./words.ts";

type Scope = {
  readonly endpoints: readonly string[];
  readonly nodes: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly families: readonly string[] | null;
  readonly protocols: readonly string[] | null;
};
type Departure = {
  readonly signal: string;
  readonly observed: number;
  readonly expected: number;
  readonly trials: number;
};

/** Shares by what they are called, and what they are shares of. */
const SHARES: Readonly<Record<string, readonly [name: string, of: string]>> = {
  resume: ["Resume rate", "handshakes"],
  accept: ["Accept rate", "offers"],
  unknown_key: ["Offers under an unknown key", "offers"],
  expired: ["Offers refused as expired", "offers"],
  cache_miss: ["Offers of sessions that no cache held", "offers"],
  context: ["Offers refused for another server name, certificate or hash", "offers"],
  policy_off: ["Offers refused because resumption is off", "offers"],
  early: ["Early data accepted", "resumptions by PSK"],
  early_rejected: ["Early data refused", "resumptions by PSK"],
  failure: ["Failed handshakes", "handshakes"],
};
const TIMES: Readonly<Record<string, string>> = {
  full_time: "Full handshakes",
  resumed_time: "Resumed handshakes",
};

/** "at shop.example on edge-1 for ios": every restriction of a scope. No endpoint named means all of them. */
export function whereOf(scope: Scope): string {
  const part = (word: string, names: readonly string[] | null): string[] =>
    names === null || names.length === 0 ? [] : [`${word} ${inList(names)}`];
  return [
    ...(scope.endpoints.length ? part("at", scope.endpoints) : ["everywhere"]),
    ...part("on", scope.nodes),
    ...part("in", scope.regions),
    ...part("for", scope.families),
    ...part("with", scope.protocols),
  ].join(" ");
}

/** What departed, where, by how much. */
export function headlineOf(scope: Scope, { signal, observed, expected, trials }: Departure): string {
  const where = whereOf(scope);
  if (signal === "key_age")
    return `No new ticket key ${where} for ${inLength(observed)}, where one came every ${inLength(expected)}`;
  const timed = TIMES[signal];
  if (timed && expected > 0) {
    const times = (observed / expected).toFixed(2);
    return `${timed} took ${times} times as long as expected ${where}`;
  }
  const [name, of] = SHARES[signal] ?? [`Signal ${signal}`, "handshakes"];
  const share = `${inPercent(observed)} of ${inWhole(trials)} ${of}`;
  return `${name} ${where}: ${share}, where ${inPercent(expected)} was expected`;
}

/** What a signal is called: "Accept rate", "Full handshakes". */
export function signalName(signal: string): string {
  if (signal === "key_age") return "Age of the ticket key";
  return SHARES[signal]?.[0] ?? TIMES[signal] ?? `Signal ${signal}`;
}

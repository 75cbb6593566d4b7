import type { Result } from "../domain/handshake.ts";
import type { RejectionReason } from "../domain/vocabulary.ts";
import type { TelemetryRow } from "./types.ts";

/** What is summed for each segment and bucket: positions in one array of numbers. */
export const F = {
  completed: 0,
  resumed: 1,
  failed: 2,
  offered: 3,
  accepted: 4,
  seen: 5,
  earlyAccepted: 6,
  earlyRejected: 7,
  fullUs: 8,
  fullTimed: 9,
  resumedUs: 10,
  resumedTimed: 11,
  unknownKey: 12,
  expired: 13,
  cacheMiss: 14,
  context: 15,
  policyOff: 16,
  replay: 17,
  byPsk: 18,
  byTicket: 19,
  bySessionId: 20,
  all: 21,
  skew: 22,
} as const;
export const FEATURES = 23;

/** Reasons that tell of one thing that has changed: the context that a session was made in. */
const REASON_FEATURE: Readonly<Record<RejectionReason, number>> = {
  unknown_key: F.unknownKey,
  corrupt: F.unknownKey,
  expired: F.expired,
  cache_miss: F.cacheMiss,
  sni_mismatch: F.context,
  alpn_mismatch: F.context,
  hash_mismatch: F.context,
  cert_changed: F.context,
  client_auth: F.context,
  policy_off: F.policyOff,
  age_skew: F.skew,
  replay: F.replay,
};

/** Adds a row to its segment's sums. */
export function addRow(sums: Float64Array, row: TelemetryRow): void {
  const { result, count } = row;
  add(sums, F.all, count);
  if (result.reason !== null) add(sums, REASON_FEATURE[result.reason], count);
  if (result.outcome === "failed") {
    add(sums, F.failed, count);
    return;
  }
  addOffer(sums, result, count);
  if (result.earlyData === "accepted") add(sums, F.earlyAccepted, count);
  if (result.earlyData === "rejected") add(sums, F.earlyRejected, count);
  if (result.outcome === null) return;
  add(sums, F.completed, count);
  const resumed = result.outcome === "resumed";
  if (resumed) addMechanism(sums, result, count);
  if (row.handshakeUsSum === null) return;
  add(sums, resumed ? F.resumedUs : F.fullUs, row.handshakeUsSum);
  add(sums, resumed ? F.resumedTimed : F.fullTimed, row.timedCount);
}

function addOffer(sums: Float64Array, result: Result, count: number): void {
  if (result.offer === null) return;
  add(sums, F.seen, count);
  if (result.offer === "none") return;
  add(sums, F.offered, count);
  if (result.outcome === "resumed") add(sums, F.accepted, count);
}

function addMechanism(sums: Float64Array, result: Result, count: number): void {
  add(sums, F.resumed, count);
  if (result.mechanism === "psk") add(sums, F.byPsk, count);
  if (result.mechanism === "ticket") add(sums, F.byTicket, count);
  if (result.mechanism === "session_id") add(sums, F.bySessionId, count);
}

function add(sums: Float64Array, at: number, amount: number): void {
  sums[at] = (sums[at] ?? 0) + amount;
}

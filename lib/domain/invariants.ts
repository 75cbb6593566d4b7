/**
 * What can never be true of telemetry, whatever the fleet does (DOMAIN 5.1). A breach is a fault of the telemetry
 * (FM-36): it is counted and shown for its source, and never makes an incident.
 */

/** Each invariant with its sentence for screens. */
export const INVARIANTS = {
  accepted_within_offered: "Accepted offers are at most the offers (Acc ≤ Off).",
  offered_within_completed: "Handshakes with an offer are at most the completed ones (Off ≤ C).",
  resumed_within_completed: "Resumed handshakes are at most the completed ones.",
  early_accepted_within_offered: "Accepted early data is at most the offered (Ed_acc ≤ Ed_off).",
  early_needs_psk: "Early data needs a PSK offer of TLS 1.3 (Ed_off ≤ Off_psk).",
  psk_needs_tls13: "A PSK resumes TLS 1.3 only (Acc_psk = 0 below).",
  reason_needs_full: "A rejection reason belongs to a full handshake (Off = Acc + Σ Rej).",
  counters_monotone: "Counters never fall while their process runs.",
} as const;
export type Invariant = keyof typeof INVARIANTS;

/**
 * The closed vocabularies of the product, in the field's own words. Each list is the single place where its
 * values stand: contracts, columns, screens and docs are made from it. `null` always means "not known".
 */

/** How a handshake ended. `null`: it was completed, but the source cannot tell whether in full or by resuming. */
export const OUTCOMES = ["full", "resumed", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the client presented: session id (RFC 5246 7.3), ticket (RFC 5077), PSK (RFC 8446 4.2.11). */
export const OFFERS = ["none", "session_id", "ticket", "psk"] as const;
export type Offer = (typeof OFFERS)[number];

/** How a handshake resumed. */
export const MECHANISMS = ["session_id", "ticket", "psk"] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** Why an offer was not accepted. */
export const REJECTION_REASONS = [
  "unknown_key",
  "expired",
  "corrupt",
  "cache_miss",
  "sni_mismatch",
  "alpn_mismatch",
  "hash_mismatch",
  "cert_changed",
  "client_auth",
  "policy_off",
  "age_skew",
  "replay",
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** 0-RTT (RFC 8446 2.3). */
export const EARLY_DATA = ["none", "accepted", "rejected"] as const;
export type EarlyData = (typeof EARLY_DATA)[number];

/** Protocol names as OpenSSL prints them. */
export const PROTOCOLS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Things done to the fleet. */
export const CHANGE_KINDS = [
  "key_rotation",
  "reload",
  "deploy",
  "config",
  "certificate",
  "load_balancer",
  "dns",
  "cache",
  "scale",
  "client_release",
  "drill",
  "other",
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Families whose traffic is a series of its own, out of the customers' rates (DOMAIN 5.1, X). */
export const EXCLUDED_FAMILIES = ["bot", "monitor"] as const;

/** The name that stands for every segment beyond a source's cap. Never a real endpoint: parentheses are no host name. */
export const OVERFLOW_NAME = "(other)";

/**
 * From where a source sees handshakes: one by one in a log (`log`) or off the wire (`wire`), or as increases of counters
 * (`counters`). All may tell of the same handshakes, so they are never added up; in the order in which they count
 * (docs/decisions/005-two-truths.md).
 */
export const VANTAGES = ["log", "wire", "counters"] as const;
export type Vantage = (typeof VANTAGES)[number];

/** What handshakes may be split and filtered by: the parts of a segment and its source, in the order of screens. */
export const DIMENSIONS = ["endpoint", "node", "region", "family", "protocol", "source"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Meaning colours, the same on every screen (defined for light and dark in app/globals.css). */
export const COLOURS: Readonly<Record<string, string>> = {
  resumed: "var(--resumed)",
  full: "var(--full)",
  failed: "var(--failed)",
  psk: "var(--psk)",
  ticket: "var(--ticket)",
  session_id: "var(--session-id)",
  unknown: "var(--unknown)",
  completed: "var(--unknown)",
  offer: "var(--full)",
  accept: "var(--good)",
  previous: "var(--ink-3)",
};

/** The words for the values of closed vocabularies. */
export const LABELS: Readonly<Record<string, string>> = {
  psk: "PSK (TLS 1.3)",
  ticket: "Ticket (TLS 1.2)",
  session_id: "Session ID",
  unknown: "Mechanism unknown",
  full: "Full",
  resumed: "Resumed",
  failed: "Failed",
  completed: "Completed, not known how",
};

/** Colours of series that have no meaning of their own, in their order. */
export const SERIES_COLOURS: readonly string[] = Array.from(
  { length: 12 },
  (_, i) => `var(--series-${i + 1})`,
);

/** Why offers are refused: one colour for each reason, wherever it is drawn. */
export const REASON_COLOURS: Readonly<Record<string, string>> = {
  expired: "var(--series-1)",
  unknown_key: "var(--series-2)",
  client_auth: "var(--series-3)",
  replay: "var(--series-4)",
  corrupt: "var(--series-5)",
  cache_miss: "var(--series-6)",
  hash_mismatch: "var(--series-7)",
  policy_off: "var(--series-8)",
  sni_mismatch: "var(--series-9)",
  alpn_mismatch: "var(--series-10)",
  cert_changed: "var(--series-11)",
  age_skew: "var(--series-12)",
};

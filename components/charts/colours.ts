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

import { createLoader, parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs/server";

export const ALERT_TABS = ["firing", "rules", "silences", "receivers", "deliveries"] as const;

/** What the Alerts page shows, as it stands in its URL. */
export const alertsParsers = {
  tab: parseAsStringLiteral(ALERT_TABS).withDefault("firing"),
  /** The rule that is edited, or "new". */
  rule: parseAsString,
  /** What a new silence is to match: `endpoint=shop;node~edge-*`. */
  match: parseAsString,
  /** A receiver is being added. */
  add: parseAsBoolean.withDefault(false),
  state: parseAsStringLiteral(["all", "sent", "waiting", "dead"]).withDefault("all"),
};
export const loadAlertsView = createLoader(alertsParsers);

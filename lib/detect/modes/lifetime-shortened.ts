import type { Mode } from "./mode.ts";

/** The ticket lifetime is shorter than clients' return: DOMAIN.md FM-16. */
export const lifetimeShortened: Mode = {
  id: "lifetime_shortened",
  failureModes: ["FM-16"],
  title: "The ticket lifetime is shorter than clients' return",
  families: ["resumption"],
  prior: 1,
  reasons: { expired: 0.85, not_offered: 0.15 },
  shape: { step: 0.85, growing: 0.12, fading: 0.03 },
  mechanisms: { ticket: 1, psk: 1 },
  someNodes: 0.08,
  also: ({ loss, reasons }) =>
    reasons === null && loss > 0.8
      ? [{ text: `${Math.round(100 * loss)} % are missing, even of those who come back at once`, weight: -2 }]
      : [],
  causes: [
    { kinds: ["config"], components: ["tls"], part: 0.9, lagMin: 4 },
    { kinds: ["deploy"], components: ["tls"], part: 0.1, lagMin: 4 },
  ],
  unrecorded: 0.08,
  lookAlikes: ["cert_context", "tickets_disabled"],
};

import type { Mode } from "./mode.ts";

/** Tickets are no longer issued or accepted: DOMAIN.md FM-16, FM-22. */
export const ticketsDisabled: Mode = {
  id: "tickets_disabled",
  failureModes: ["FM-16", "FM-22"],
  title: "Tickets are no longer issued or accepted",
  families: ["resumption"],
  prior: 1,
  reasons: { policy_off: 0.5, not_offered: 0.5 },
  mechanisms: { ticket: 1, psk: 1 },
  shape: { step: 0.75, growing: 0.22, fading: 0.03 },
  someNodes: 0.45,
  also: ({ reasons, loss }) =>
    reasons === null
      ? [
          {
            text: `${Math.round(100 * loss)} % of the resumptions are missing`,
            weight: Math.max(-1, Math.min(1, 4 * (loss - 0.3))),
          },
        ]
      : [
          reasons.policy_off > 0.03
            ? { text: "offers are refused by policy", weight: 3 }
            : { text: "no offer is refused by policy", weight: -3 },
        ],
  causes: [{ kinds: ["config", "deploy"], components: ["tls"], part: 1, lagMin: 4 }],
  unrecorded: 0.08,
  lookAlikes: ["client_release", "lifetime_shortened"],
};

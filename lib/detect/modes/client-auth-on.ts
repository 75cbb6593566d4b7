import type { Mode } from "./mode.ts";

/** Client certificates are asked for, and sessions without one refused: DOMAIN.md FM-22. */
export const clientAuthOn: Mode = {
  id: "client_auth_on",
  failureModes: ["FM-22"],
  title: "Client certificates are asked for, and sessions without one refused",
  families: ["resumption"],
  prior: 0.1,
  reasons: { context: 0.7, policy_off: 0.3 },
  mechanisms: { session_id: 1, ticket: 1, psk: 1 },
  shape: { step: 0.97, growing: 0.02, fading: 0.01 },
  someNodes: 0.2,
  also: ({ loss }) => [
    { text: `${Math.round(100 * loss)} % of the resumptions are missing`, weight: loss > 0.8 ? 1 : -3 },
  ],
  causes: [{ kinds: ["config"], components: ["tls"], part: 1, lagMin: 2 }],
  unrecorded: 0.1,
  lookAlikes: ["tickets_disabled", "cert_context"],
};

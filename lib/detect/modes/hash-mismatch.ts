import type { Mode } from "./mode.ts";

/** Handshake parameters no longer match the tickets of some clients: DOMAIN.md FM-21. */
export const hashMismatch: Mode = {
  id: "hash_mismatch",
  failureModes: ["FM-21"],
  title: "Handshake parameters no longer match tickets",
  families: ["resumption"],
  prior: 0.25,
  reasons: { context: 1 },
  mechanisms: { session_id: 0.3, ticket: 1, psk: 1 },
  shape: { step: 0.9, growing: 0.05, fading: 0.05 },
  someNodes: 0.15,
  someClasses: 0.85,
  causes: [{ kinds: ["config", "deploy"], components: ["tls", "proxy"], part: 1, lagMin: 3 }],
  unrecorded: 0.1,
  lookAlikes: ["cert_context", "client_auth_on"],
};

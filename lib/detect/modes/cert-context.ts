import type { Mode } from "./mode.ts";

/** A new certificate or context invalidated sessions: DOMAIN.md FM-18. */
export const certContext: Mode = {
  id: "cert_context",
  failureModes: ["FM-18"],
  title: "A new certificate or context invalidated sessions",
  families: ["resumption"],
  prior: 1,
  reasons: { context: 1 },
  shape: { step: 0.35, growing: 0.05, fading: 0.6 },
  mechanisms: { session_id: 1, ticket: 1, psk: 1 },
  someNodes: 0.08,
  causes: [
    { kinds: ["certificate"], components: null, part: 0.97, lagMin: 2 },
    { kinds: ["config", "deploy"], components: ["tls"], part: 0.03, lagMin: 3 },
  ],
  unrecorded: 0.04,
  lookAlikes: ["rotation_no_retain", "reload_drops_keys"],
};

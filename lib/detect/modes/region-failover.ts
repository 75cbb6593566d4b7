import type { Mode } from "./mode.ts";

/** Clients of another region arrive with its tickets: DOMAIN.md FM-37. */
export const regionFailover: Mode = {
  id: "region_failover",
  failureModes: ["FM-37"],
  title: "Clients of another region arrive with its tickets",
  families: ["resumption"],
  prior: 0.15,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 1, ticket: 1, psk: 1 },
  shape: { step: 0.15, growing: 0.05, fading: 0.8 },
  someNodes: 0.9,
  causes: [{ kinds: ["dns", "load_balancer"], components: null, part: 1, lagMin: 5, anyNodes: true }],
  unrecorded: 0.3,
  lookAlikes: ["reload_drops_keys", "stek_desync"],
};

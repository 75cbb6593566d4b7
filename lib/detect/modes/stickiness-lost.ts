import type { Mode } from "./mode.ts";

/** The balancer no longer sends clients back to their node: DOMAIN.md FM-15. */
export const stickinessLost: Mode = {
  id: "stickiness_lost",
  failureModes: ["FM-15"],
  title: "The balancer no longer sends clients back to their node",
  families: ["resumption"],
  prior: 1,
  reasons: { cache_miss: 1 },
  mechanisms: { session_id: 1, ticket: 0, psk: 0 },
  shape: { step: 0.9, growing: 0.05, fading: 0.05 },
  someNodes: 0.4,
  also: ({ cache }) =>
    cache === null
      ? []
      : cache.crowded || cache.emptied
        ? [{ text: "the cache itself changed", weight: -2.5 }]
        : [{ text: "the cache itself is as before", weight: 1 }],
  causes: [
    { kinds: ["load_balancer"], components: null, part: 0.3, lagMin: 3 },
    { kinds: ["config", "deploy"], components: ["lb"], part: 0.7, lagMin: 3 },
  ],
  unrecorded: 0.08,
  lookAlikes: ["cache_partition", "cache_flush"],
};

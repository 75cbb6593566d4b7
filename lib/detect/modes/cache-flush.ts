import type { Mode } from "./mode.ts";

/** The session cache came back empty: DOMAIN.md FM-13. */
export const cacheFlush: Mode = {
  id: "cache_flush",
  failureModes: ["FM-13"],
  title: "The session cache came back empty",
  families: ["resumption"],
  prior: 1,
  reasons: { cache_miss: 1 },
  mechanisms: { session_id: 1, ticket: 0, psk: 0 },
  shape: { step: 0.3, growing: 0.05, fading: 0.65 },
  someNodes: 0.2,
  also: ({ cache }) =>
    cache === null
      ? []
      : cache.emptied
        ? [{ text: "the cache lost most of its entries at once", weight: 3.5 }]
        : [{ text: "the cache kept its entries", weight: -3 }],
  causes: [
    { kinds: ["cache"], components: null, part: 0.85, lagMin: 3 },
    { kinds: ["config", "deploy"], components: ["cache"], part: 0.15, lagMin: 3 },
  ],
  unrecorded: 0.2,
  lookAlikes: ["cache_undersized", "cache_partition", "stickiness_lost"],
};

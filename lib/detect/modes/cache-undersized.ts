import type { Mode } from "./mode.ts";

/** The session cache is too small: DOMAIN.md FM-11. */
export const cacheUndersized: Mode = {
  id: "cache_undersized",
  failureModes: ["FM-11"],
  title: "The session cache is too small",
  families: ["resumption"],
  prior: 1,
  reasons: { cache_miss: 1 },
  mechanisms: { session_id: 1, ticket: 0, psk: 0 },
  shape: { step: 0.55, growing: 0.4, fading: 0.05 },
  someNodes: 0.1,
  also: ({ cache }) =>
    cache === null
      ? []
      : cache.crowded
        ? [{ text: "the cache throws out entries that it used to keep", weight: 3.5 }]
        : [{ text: "the cache throws nothing out", weight: -3.5 }],
  causes: [
    { kinds: ["config", "cache"], components: ["cache"], part: 0.95, lagMin: 6 },
    { kinds: ["deploy"], components: ["cache"], part: 0.05, lagMin: 6 },
  ],
  unrecorded: 0.3,
  lookAlikes: ["cache_flush", "stickiness_lost"],
};

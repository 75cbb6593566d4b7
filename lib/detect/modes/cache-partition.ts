import type { Mode } from "./mode.ts";

/** Some nodes cannot reach the shared session cache: DOMAIN.md FM-13. */
export const cachePartition: Mode = {
  id: "cache_partition",
  failureModes: ["FM-13"],
  title: "Some nodes cannot reach the shared session cache",
  families: ["resumption"],
  prior: 1,
  reasons: { cache_miss: 1 },
  mechanisms: { session_id: 1, ticket: 0, psk: 0 },
  shape: { step: 0.88, growing: 0.05, fading: 0.07 },
  someNodes: 0.93,
  also: ({ cache }) =>
    cache === null
      ? []
      : cache.crowded || cache.emptied
        ? [{ text: "the cache itself changed", weight: -2.5 }]
        : [{ text: "the cache itself is as before", weight: 1 }],
  causes: [
    { kinds: ["config", "deploy", "other"], components: ["network"], part: 0.9, lagMin: 3 },
    { kinds: ["cache", "dns"], components: null, part: 0.1, lagMin: 3 },
  ],
  unrecorded: 0.35,
  lookAlikes: ["stickiness_lost", "cache_flush"],
};

import type { Mode } from "./mode.ts";

/** Sessions leak away slowly: DOMAIN.md FM-19. */
export const slowLeak: Mode = {
  id: "slow_leak",
  failureModes: ["FM-19"],
  title: "Sessions leak away slowly",
  families: ["resumption"],
  prior: 1,
  reasons: { unknown_key: 0.6, cache_miss: 0.2, not_offered: 0.2 },
  shape: { step: 0.08, growing: 0.9, fading: 0.02 },
  someNodes: 0.2,
  causes: [
    { kinds: ["deploy"], components: ["proxy", "tls"], part: 0.8, lagMin: 25 },
    { kinds: ["config", "reload"], components: ["proxy", "tls"], part: 0.2, lagMin: 25 },
  ],
  unrecorded: 0.3,
  lookAlikes: ["cache_undersized", "client_release"],
};

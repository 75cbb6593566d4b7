import type { Mode } from "./mode.ts";

/** A node's clock is wrong: DOMAIN.md FM-27. */
export const clockSkew: Mode = {
  id: "clock_skew",
  failureModes: ["FM-27"],
  title: "A node's clock is wrong",
  families: ["resumption", "early_data"],
  prior: 0.15,
  reasons: { expired: 1 },
  shape: { step: 0.8, growing: 0.18, fading: 0.02 },
  someNodes: 0.98,
  also: ({ nodesHit }) => [{ text: `${nodesHit} nodes are hit`, weight: nodesHit === 1 ? 0.7 : -1.5 }],
  causes: [{ kinds: ["config", "deploy", "reload"], components: null, part: 1, lagMin: 30 }],
  unrecorded: 0.8,
  lookAlikes: ["lifetime_shortened", "early_data_rejected"],
};

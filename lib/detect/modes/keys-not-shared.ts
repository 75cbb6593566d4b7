import type { Mode } from "./mode.ts";

/** Nodes do not share ticket keys: DOMAIN.md FM-01. */
export const keysNotShared: Mode = {
  id: "keys_not_shared",
  failureModes: ["FM-01"],
  title: "Nodes do not share ticket keys",
  families: ["resumption"],
  prior: 0.15,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 0, ticket: 1, psk: 1 },
  shape: { step: 0.93, growing: 0.05, fading: 0.02 },
  someNodes: 0.15,
  // Law 1: with N nodes only about one in N of the offers is accepted.
  also: ({ loss, nodesAll }) => [
    {
      text: `${Math.round(100 * loss)} % of the resumptions are missing`,
      weight: loss > 0.5 * (1 - 1 / nodesAll) ? 1 : -3,
    },
  ],
  causes: [
    { kinds: ["scale", "load_balancer"], components: null, part: 0.8, lagMin: 4, anyNodes: true },
    { kinds: ["config", "deploy"], components: ["lb"], part: 0.2, lagMin: 4, anyNodes: true },
  ],
  unrecorded: 0.2,
  lookAlikes: ["stek_desync", "stickiness_lost"],
};

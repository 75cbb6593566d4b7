import type { Mode } from "./mode.ts";

/** Rotation without keeping the previous key: DOMAIN.md FM-03. */
export const rotationNoRetain: Mode = {
  id: "rotation_no_retain",
  failureModes: ["FM-03"],
  title: "Rotation without keeping the previous key",
  families: ["resumption"],
  prior: 1,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 0, ticket: 1, psk: 1 },
  shape: { step: 0.35, growing: 0.05, fading: 0.6 },
  someNodes: 0.06,
  also: ({ keys }) => {
    if (keys === null) return [];
    return keys.hit === "turned" && keys.others !== "kept"
      ? [{ text: "all nodes took a new key", weight: 1 }]
      : [{ text: "not every node took a new key", weight: -2.5 }];
  },
  causes: [{ kinds: ["key_rotation"], components: null, part: 1, lagMin: 1.5 }],
  unrecorded: 0.04,
  lookAlikes: ["reload_drops_keys", "cert_context"],
};

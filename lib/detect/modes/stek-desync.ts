import type { Mode } from "./mode.ts";

/** A node holds another ticket key than the others: DOMAIN.md FM-02. */
export const stekDesync: Mode = {
  id: "stek_desync",
  failureModes: ["FM-02"],
  title: "A node holds another ticket key than the others",
  families: ["resumption"],
  prior: 1,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 0, ticket: 1, psk: 1 },
  shape: { step: 0.8, growing: 0.12, fading: 0.08 },
  someNodes: 0.93,
  also: ({ keys }) => {
    if (keys === null) return [];
    if (keys.hit === "kept" && keys.others === "turned")
      return [{ text: "the nodes that are hit kept their key while the others took a new one", weight: 4 }];
    if (keys.hit === "mixed") return [{ text: "some nodes took a new key and some did not", weight: 1.5 }];
    return [{ text: "the nodes that are hit have the key of the others", weight: -2.5 }];
  },
  causes: [
    { kinds: ["key_rotation"], components: null, part: 0.85, lagMin: 2, anyNodes: true },
    { kinds: ["config", "deploy", "reload", "scale"], components: ["tls", "proxy"], part: 0.15, lagMin: 5 },
  ],
  unrecorded: 0.2,
  lookAlikes: ["reload_drops_keys", "rotation_no_retain"],
};

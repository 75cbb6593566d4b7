import type { Mode } from "./mode.ts";

/** A reload or restart dropped keys: DOMAIN.md FM-09, FM-10. */
export const reloadDropsKeys: Mode = {
  id: "reload_drops_keys",
  failureModes: ["FM-09", "FM-10"],
  title: "A reload or restart dropped keys",
  families: ["resumption"],
  prior: 1,
  reasons: { unknown_key: 0.85, cache_miss: 0.15 },
  mechanisms: { ticket: 1, psk: 1 },
  shape: { step: 0.3, growing: 0.1, fading: 0.6 },
  someNodes: 0.6,
  also: ({ keys }) => {
    if (keys === null) return [];
    if (keys.hit === "turned" && keys.others === "kept")
      return [{ text: "just the nodes that are hit have a new key", weight: 4 }];
    if (keys.hit === "turned") return [{ text: "the nodes that are hit have a new key", weight: 0.5 }];
    if (keys.hit === "kept") return [{ text: "the nodes that are hit kept their key", weight: -3 }];
    return [];
  },
  causes: [
    { kinds: ["reload", "deploy", "config", "scale"], components: ["proxy"], part: 0.9, lagMin: 3 },
    { kinds: ["reload", "deploy", "config"], components: ["tls"], part: 0.1, lagMin: 3 },
  ],
  unrecorded: 0.15,
  lookAlikes: ["rotation_no_retain", "stek_desync"],
};

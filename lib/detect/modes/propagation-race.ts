import type { Mode } from "./mode.ts";

/** Nodes encrypt with a new key before all can decrypt it: DOMAIN.md FM-06. */
export const propagationRace: Mode = {
  id: "propagation_race",
  failureModes: ["FM-06"],
  title: "A new key was used before every node had it",
  families: ["resumption"],
  prior: 0.3,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 0, ticket: 1, psk: 1 },
  someNodes: 0.8,
  // A notch: back at once when the key is there, without the tail of tickets that have to be made anew.
  also: ({ shape, notch }) =>
    shape === null
      ? []
      : [
          notch
            ? { text: "the loss ended at once", weight: 3.5 }
            : { text: "the loss did not end at once", weight: -3 },
        ],
  causes: [{ kinds: ["key_rotation"], components: null, part: 1, lagMin: 2, anyNodes: true }],
  unrecorded: 0.15,
  lookAlikes: ["rotation_no_retain", "stek_desync"],
};

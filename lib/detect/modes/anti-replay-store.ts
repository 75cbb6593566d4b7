import type { Mode } from "./mode.ts";

/** The anti-replay store is cold or down: DOMAIN.md FM-29. */
export const antiReplayStore: Mode = {
  id: "anti_replay_store",
  failureModes: ["FM-29"],
  title: "The anti-replay store is cold or down",
  families: ["early_data"],
  prior: 0.15,
  shape: { step: 0.4, growing: 0.05, fading: 0.55 },
  someNodes: 0.7,
  also: ({ replays }) =>
    replays > 0 ? [{ text: `${replays} offers were refused as replays`, weight: 1.5 }] : [],
  causes: [{ kinds: ["deploy", "reload", "cache"], components: null, part: 1, lagMin: 2 }],
  unrecorded: 0.4,
  lookAlikes: ["early_data_rejected"],
};

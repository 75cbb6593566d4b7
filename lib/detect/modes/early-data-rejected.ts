import type { Mode } from "./mode.ts";

/** Early data is refused after a change: DOMAIN.md FM-28. */
export const earlyDataRejected: Mode = {
  id: "early_data_rejected",
  failureModes: ["FM-28"],
  title: "Early data is refused after a change",
  families: ["early_data"],
  prior: 1,
  shape: { step: 0.8, growing: 0.17, fading: 0.03 },
  someNodes: 0.6,
  causes: [
    { kinds: ["config", "deploy"], components: ["tls"], part: 0.9, lagMin: 3 },
    { kinds: ["config", "deploy", "reload"], components: ["proxy"], part: 0.1, lagMin: 3 },
  ],
  unrecorded: 0.1,
  lookAlikes: ["anti_replay_store"],
};

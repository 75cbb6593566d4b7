import type { Mode } from "./mode.ts";

/** A client release no longer resumes: DOMAIN.md FM-23. */
export const clientRelease: Mode = {
  id: "client_release",
  failureModes: ["FM-23"],
  title: "A client release no longer resumes",
  families: ["resumption"],
  prior: 1,
  reasons: { not_offered: 1 },
  shape: { step: 0.12, growing: 0.86, fading: 0.02 },
  someNodes: 0.04,
  someClasses: 0.96,
  also: ({ reasons }) =>
    reasons !== null && reasons.policy_off > 0.03
      ? [{ text: "offers are refused by policy, which no client does", weight: -4 }]
      : [],
  causes: [{ kinds: ["client_release"], components: null, part: 1, lagMin: 90 }],
  unrecorded: 0.6,
  lookAlikes: ["tickets_disabled", "slow_leak"],
};

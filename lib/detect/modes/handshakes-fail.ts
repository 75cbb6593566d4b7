import type { Mode } from "./mode.ts";

/** Handshakes fail for clients that used to succeed: DOMAIN.md FM-17, FM-33, FM-34. */
export const handshakesFail: Mode = {
  id: "handshakes_fail",
  failureModes: ["FM-17", "FM-33", "FM-34"],
  title: "Handshakes fail for clients that used to succeed",
  families: ["failures"],
  prior: 0.2,
  shape: { step: 0.8, growing: 0.15, fading: 0.05 },
  also: ({ earlyRise }) => [
    earlyRise > 0.05
      ? { text: `accepted early data rose by ${Math.round(100 * earlyRise)} %`, weight: -1.5 }
      : { text: "early data is as before", weight: 0.5 },
  ],
  causes: [{ kinds: ["config", "deploy", "certificate"], components: ["tls", "proxy"], part: 1, lagMin: 4 }],
  unrecorded: 0.4,
  lookAlikes: ["ticket_replay"],
};

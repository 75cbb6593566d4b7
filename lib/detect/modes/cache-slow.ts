import type { Mode } from "./mode.ts";

/** The shared session cache answers slowly: DOMAIN.md FM-14. */
export const cacheSlow: Mode = {
  id: "cache_slow",
  failureModes: ["FM-14"],
  title: "The shared session cache answers slowly",
  families: ["latency"],
  prior: 0.15,
  someNodes: 0.3,
  also: ({ fullTime, resumedTime }) => [
    {
      text: `resumed handshakes take ${Math.round(100 * resumedTime)} % longer, full ones ${Math.round(100 * fullTime)} %`,
      weight: resumedTime > 1.5 * fullTime ? 2 : -2,
    },
  ],
  causes: [{ kinds: ["cache", "config", "deploy"], components: ["cache", "network"], part: 1, lagMin: 4 }],
  unrecorded: 0.5,
  lookAlikes: ["latency_regression"],
};

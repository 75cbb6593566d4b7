import type { Mode } from "./mode.ts";

/** Handshakes take longer: DOMAIN.md FM-35. */
export const latencyRegression: Mode = {
  id: "latency_regression",
  failureModes: ["FM-35"],
  title: "Handshakes take longer",
  families: ["latency"],
  prior: 1,
  someNodes: 0.2,
  also: ({ fullTime, resumedTime }) => [
    {
      text: `full handshakes take ${Math.round(100 * fullTime)} % longer, resumed ones ${Math.round(100 * resumedTime)} %`,
      weight: fullTime > 0.6 * resumedTime ? 1 : -1,
    },
  ],
  causes: [
    { kinds: ["deploy", "config"], components: ["proxy", "tls"], part: 0.6, lagMin: 4 },
    { kinds: ["certificate"], components: null, part: 0.4, lagMin: 3 },
  ],
  unrecorded: 0.4,
  lookAlikes: ["cache_slow"],
};

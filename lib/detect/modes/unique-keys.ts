import type { Mode } from "./mode.ts";

/** Upgraded nodes make tickets that nobody can open, themselves included: DOMAIN.md FM-19. */
export const uniqueKeys: Mode = {
  id: "unique_keys",
  failureModes: ["FM-19"],
  title: "Upgraded nodes cannot open their own tickets",
  families: ["resumption"],
  prior: 0.25,
  reasons: { unknown_key: 1 },
  mechanisms: { session_id: 0, ticket: 1, psk: 1 },
  shape: { step: 0.93, growing: 0.05, fading: 0.02 },
  someNodes: 0.9,
  also: ({ loss }) => [
    {
      text: `${Math.round(100 * loss)} % of the resumptions are missing where it is`,
      weight: loss > 0.5 ? 1 : -1.5,
    },
  ],
  causes: [{ kinds: ["deploy"], components: ["proxy", "tls"], part: 1, lagMin: 3 }],
  unrecorded: 0.1,
  lookAlikes: ["stek_desync", "reload_drops_keys"],
};

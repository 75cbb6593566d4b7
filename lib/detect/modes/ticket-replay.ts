import type { Mode } from "./mode.ts";

/** Tickets or early data are replayed: DOMAIN.md FM-30, FM-31. */
export const ticketReplay: Mode = {
  id: "ticket_replay",
  failureModes: ["FM-30", "FM-31"],
  title: "Tickets or early data are replayed",
  families: ["failures"],
  prior: 1,
  someNodes: 0.05,
  someClasses: 0.97,
  also: ({ replays, earlyRise }) => [
    ...(replays > 0 ? [{ text: `${replays} offers were refused as replays`, weight: 3 }] : []),
    ...(earlyRise > 0.05
      ? [
          {
            text: `accepted early data rose by ${Math.round(100 * earlyRise)} %`,
            weight: Math.min(3, 10 * earlyRise),
          },
        ]
      : [{ text: "accepted early data did not rise", weight: -1 }]),
  ],
  causes: [{ kinds: ["config", "deploy"], components: ["tls"], part: 1, lagMin: 60 }],
  unrecorded: 0.97,
  lookAlikes: ["handshakes_fail"],
};

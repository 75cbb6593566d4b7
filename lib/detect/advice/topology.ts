import type { AdviceEntries } from "./entry.ts";

/** Topology and data (DOMAIN 4.6). */
export const TOPOLOGY_ADVICE = {
  "FM-36": {
    title: "The telemetry is wrong, not the handshakes",
    first: "Look at the Sources page and repair the sender; do not act on the rates of that node until then.",
    doNot: [
      "Do not rotate, restart or roll back anything because of it.",
      "Do not fill the gap: a gap is not 0.",
    ],
    lookAlikes: [
      { mode: "FM-25", tell: "there the handshakes are real" },
      { mode: "FM-26", tell: "there connections really changed" },
    ],
    alongAge: false,
  },
  "FM-37": {
    title: "Clients moved to another region",
    first: "Nothing, if capacity suffices: follow the predicted curve and watch CPU of the receiving region.",
    doNot: [
      "Do not steer back at once: that is the same dip once more.",
      "Do not share keys worldwide in a hurry: it widens the exposure.",
    ],
    lookAlikes: [
      { mode: "FM-03", tell: "there a rotation comes before it and no volume moves" },
      { mode: "FM-13", tell: "there session ids alone fall" },
    ],
    alongAge: true,
  },
  "FM-38": {
    title: "Many clients reconnect at once",
    first:
      "Limit full handshakes per second and shed load; restore the keys before anything else is restarted.",
    doNot: [
      "Do not restart more nodes: each loses its keys and adds to the storm.",
      "Do not raise connection limits while CPU is saturated.",
    ],
    lookAlikes: [
      { mode: "FM-25", tell: "there the clients are machines without offers" },
      { mode: "FM-03", tell: "there connections do not spike" },
    ],
    alongAge: false,
  },
} as const satisfies AdviceEntries;

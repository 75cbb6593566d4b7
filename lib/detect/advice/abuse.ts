import type { AdviceEntries } from "./entry.ts";

/** 0-RTT and abuse (DOMAIN 4.5). */
export const ABUSE_ADVICE = {
  "FM-27": {
    title: "A clock is wrong",
    first: "Correct the clock of that node (NTP), slewing rather than stepping.",
    doNot: ["Do not widen the age tolerance for all nodes: it is the replay window.", "Do not rotate keys."],
    lookAlikes: [
      { mode: "FM-02", tell: "there the reason is unknown_key" },
      { mode: "FM-16", tell: "there all nodes say expired" },
      { mode: "FM-29", tell: "there early data is refused after a restart, for one window" },
    ],
    alongAge: false,
  },
  "FM-28": {
    title: "Early data is refused after a configuration change",
    first: "Decide: put the setting back, or accept it and wait until old tickets are gone.",
    doNot: ["Do not widen early data to more endpoints to make up for it.", "Do not rotate keys."],
    lookAlikes: [
      { mode: "FM-29", tell: "there it lasts exactly one window after a restart" },
      { mode: "FM-27", tell: "there one node says age_skew" },
      { mode: "FM-21", tell: "there R falls too" },
    ],
    alongAge: true,
  },
  "FM-29": {
    title: "The anti-replay store is full, down or cold",
    first:
      "Make it fail closed: without a working store early data is refused, and the client sends it again after the handshake.",
    doNot: ["Do not let it fail open to save a round trip.", "Do not shorten the start-up window."],
    lookAlikes: [
      { mode: "FM-28", tell: "there a configuration comes before it and old tickets keep failing" },
      { mode: "FM-27", tell: "there one node's clock is off" },
    ],
    alongAge: false,
  },
  "FM-30": {
    title: "Early data is being replayed",
    first: "Disable early data for that endpoint; keep PSK resumption.",
    doNot: [
      "Do not switch resumption off: PSKs without early data cannot be replayed.",
      "Do not retry early data automatically at the proxy.",
    ],
    lookAlikes: [
      { mode: "FM-31", tell: "there tickets are used from many networks without early data" },
      { mode: "FM-29", tell: "there the store refuses everybody" },
    ],
    alongAge: false,
  },
  "FM-31": {
    title: "One ticket is used from many places",
    first:
      "Log it and make tickets single-use for that endpoint; rotate keys if a key is suspected rather than a client.",
    doNot: [
      "Do not page on TLS 1.2 reuse alone: it is legal.",
      "Do not store raw tickets or addresses as evidence.",
    ],
    lookAlikes: [
      { mode: "FM-30", tell: "there early data is replayed" },
      { mode: "FM-32", tell: "there the ticket crosses server names" },
    ],
    alongAge: false,
  },
  "FM-32": {
    title: "Sessions resume across tenants or server names",
    first:
      "Give each tenant its own ticket keys and session id context; treat a case with client certificates as a security incident.",
    doNot: ["Do not wait for a fall of R.", "Do not separate caches only: tickets need separate keys."],
    lookAlikes: [
      { mode: "FM-07", tell: "there the key itself is weak" },
      { mode: "FM-31", tell: "there one ticket is used from many networks" },
    ],
    alongAge: false,
  },
} as const satisfies AdviceEntries;

import type { AdviceEntries } from "./entry.ts";

/** Caches (DOMAIN 4.2). */
export const CACHES_ADVICE = {
  "FM-11": {
    title: "The session cache is too small",
    first: "Make the cache at least insert rate x wanted lifetime entries large, or serve tickets.",
    doNot: [
      "Do not raise the timeout: entries do not live that long anyway.",
      "Do not blame new users before offers have been looked at.",
    ],
    lookAlikes: [
      { mode: "FM-24", tell: "there offers fall and misses do not rise" },
      { mode: "FM-35", tell: "there lock waits and latency of all handshakes rise" },
      { mode: "FM-15", tell: "there are misses without evictions" },
    ],
    alongAge: false,
  },
  "FM-12": {
    title: "Sessions are never cached",
    first: "Enlarge the zone; where client certificate chains are stored, shorten them.",
    doNot: [
      "Do not turn to tickets without checking their size: the chain goes into the ticket too (FM-34).",
    ],
    lookAlikes: [
      { mode: "FM-11", tell: "there evictions rise" },
      { mode: "FM-22", tell: "there everything of a listener goes to 0 at once" },
    ],
    alongAge: false,
  },
  "FM-13": {
    title: "The shared session cache is down or partitioned",
    first:
      "Let lookups fail fast to full handshakes (a timeout of tens of milliseconds), and confirm that CPU is enough for them.",
    doNot: [
      "Do not restart the proxies.",
      "Do not flush the cache to repair it: an empty cache makes it an F_age recovery.",
    ],
    lookAlikes: [
      { mode: "FM-20", tell: "there cache counters fall because clients moved to TLS 1.3, without harm" },
      { mode: "FM-14", tell: "there lookups are slow, not failing" },
      { mode: "FM-15", tell: "there the backend is healthy" },
    ],
    alongAge: false,
  },
  "FM-14": {
    title: "The shared session cache is slow",
    first: "Cut the lookup timeout to tens of milliseconds and open a breaker to full handshakes.",
    doNot: [
      "Do not add proxies: each brings more lookups.",
      "Do not judge by an average over full and resumed handshakes.",
    ],
    lookAlikes: [
      { mode: "FM-35", tell: "there full handshakes are slow too" },
      { mode: "FM-13", tell: "there lookups fail" },
    ],
    alongAge: false,
  },
  "FM-15": {
    title: "The load balancer lost stickiness",
    first: "Restore affinity, or share the cache between nodes.",
    doNot: [
      "Do not enlarge the caches: the sessions are there, on another node.",
      "Do not reshuffle the hash again.",
    ],
    lookAlikes: [
      { mode: "FM-01", tell: "there tickets fall with unknown_key" },
      { mode: "FM-11", tell: "there evictions rise" },
      { mode: "FM-13", tell: "there the backend has errors" },
    ],
    alongAge: false,
  },
} as const satisfies AdviceEntries;

import type { AdviceEntries } from "./entry.ts";

/** Software and clients (DOMAIN 4.4). */
export const SOFTWARE_ADVICE = {
  "FM-19": {
    title: "A library or runtime upgrade changed how sessions work",
    first: "Hold the rollout and compare upgraded nodes with the rest.",
    doNot: ["Do not roll on to see whether it settles: there is no recovery.", "Do not rotate keys."],
    lookAlikes: [
      { mode: "FM-10", tell: "there nodes recover" },
      { mode: "FM-02", tell: "there one node fell at a rotation, not at an upgrade" },
      { mode: "FM-21", tell: "there some client families alone are hit" },
    ],
    alongAge: false,
  },
  "FM-23": {
    title: "A client release dropped or broke tickets",
    first:
      "Tell the owner of the client, with the family, the release and the figures; leave that family out of the objective until it is fixed.",
    doNot: ["Do not touch keys.", "Do not switch tickets off for everybody."],
    lookAlikes: [
      { mode: "FM-24", tell: "there the family's own rates are flat" },
      { mode: "FM-21", tell: "there a cipher or ALPN change on the servers comes before it" },
      { mode: "FM-33", tell: "there connections break right after the handshake" },
    ],
    alongAge: false,
  },
  "FM-24": {
    title: "Other clients come: a shift of the mix",
    first: "Note it and check that CPU is enough for the full handshakes; nobody needs to be woken.",
    doNot: ["Do not touch keys, caches or the load balancer.", "Do not lower the objective because of it."],
    lookAlikes: [
      { mode: "FM-25", tell: "there handshakes without offers come from few networks, regularly" },
      { mode: "FM-16", tell: "there offers of all families fall at a policy change" },
      { mode: "FM-11", tell: "there misses and evictions rise" },
    ],
    alongAge: false,
  },
  "FM-25": {
    title: "Bots, health checks or probes came",
    first:
      "Tag the family as bot or monitor, so that it leaves customers' rates; if it is hostile, limit full handshakes.",
    doNot: ["Do not touch keys or caches.", "Do not block by resumption alone: first visits look the same."],
    lookAlikes: [
      { mode: "FM-24", tell: "there real users come, in the shape of a campaign" },
      { mode: "FM-38", tell: "there many connect again at once after a break" },
    ],
    alongAge: false,
  },
  "FM-26": {
    title: "Keep-alive, HTTP/2 or pooling changed",
    first:
      "Set the baseline anew; nothing is wrong while full handshakes per second and time to first byte are not worse.",
    doNot: ["Do not alert on R alone.", "Do not shorten keep-alive to bring R back."],
    lookAlikes: [
      { mode: "FM-24", tell: "there connections rise" },
      { mode: "FM-16", tell: "there handshakes are unchanged" },
    ],
    alongAge: false,
  },
  "FM-33": {
    title: "Tickets after the handshake break clients",
    first: "Issue fewer tickets to such clients, or issue them later.",
    doNot: ["Do not switch tickets off for the whole endpoint.", "Do not force TLS 1.2."],
    lookAlikes: [
      { mode: "FM-23", tell: "there a client release comes before it" },
      { mode: "FM-17", tell: "there failures have an offer" },
      { mode: "FM-34", tell: "there the handshake itself times out" },
    ],
    alongAge: false,
  },
  "FM-34": {
    title: "Tickets or hellos are too large for the path",
    first: "Make the ticket smaller: no client chain in it, fewer identities.",
    doNot: [
      "Do not raise timeouts only.",
      "Do not disable the post-quantum group before the ticket has been shrunk.",
    ],
    lookAlikes: [
      { mode: "FM-33", tell: "there the handshake completes" },
      { mode: "FM-17", tell: "there failures come with an alert at the lifetime limit" },
      { mode: "FM-12", tell: "there sessions are too large for the cache" },
    ],
    alongAge: false,
  },
  "FM-35": {
    title: "The session cache's lock or the CPU is contended",
    first: "Split the cache into shards, or serve tickets, which need no lock.",
    doNot: ["Do not enlarge the cache: the lock stays one.", "Do not add workers."],
    lookAlikes: [
      { mode: "FM-14", tell: "there full handshakes are as fast as ever" },
      { mode: "FM-11", tell: "there evictions rise and latency does not" },
    ],
    alongAge: false,
  },
} as const satisfies AdviceEntries;

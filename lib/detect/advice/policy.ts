import type { AdviceEntries } from "./entry.ts";

/** Lifetime and policy (DOMAIN 4.3). */
export const POLICY_ADVICE = {
  "FM-16": {
    title: "The lifetime is shorter than clients stay away",
    first:
      "Compare the predicted gain of a longer lifetime with the exposure it adds, then change one endpoint.",
    doNot: ["Do not set more than 7 days for TLS 1.3.", "Do not page anybody: it is a policy, not a fault."],
    lookAlikes: [
      { mode: "FM-04", tell: "there the reason is unknown_key" },
      { mode: "FM-27", tell: "there one node alone says expired" },
      { mode: "FM-23", tell: "there one client family alone offers less" },
    ],
    alongAge: false,
  },
  "FM-17": {
    title: "Resumption fails exactly at the lifetime limit",
    first: "Raise the server's lifetime above the hint given to clients, or patch.",
    doNot: [
      "Do not switch resumption off: full handshakes cost more than these failures.",
      "Do not look for it in R.",
    ],
    lookAlikes: [
      { mode: "FM-33", tell: "there connections break right after the handshake" },
      { mode: "FM-34", tell: "there the handshake times out before ServerHello" },
      { mode: "FM-22", tell: "there returning clients of an mTLS listener fail at any age" },
    ],
    alongAge: false,
  },
  "FM-18": {
    title: "A certificate or context change invalidated sessions",
    first:
      "Wait out the predicted curve, and decouple ticket keys and session cache from the reload of certificates.",
    doNot: [
      "Do not renew again.",
      "Do not put the old certificate back: that is one more change of context.",
    ],
    lookAlikes: [
      { mode: "FM-03", tell: "there all endpoints of the key group fall" },
      { mode: "FM-09", tell: "there a reload without a certificate does it" },
      { mode: "FM-22", tell: "there it does not recover" },
    ],
    alongAge: true,
  },
  "FM-20": {
    title: "Clients move from TLS 1.2 to TLS 1.3",
    first:
      "Judge by R within each protocol, not by cache hits; if R of TLS 1.3 is near 1/N, treat it as FM-01.",
    doNot: ["Do not repair a cache that nobody asks any more.", "Do not compare R across versions."],
    lookAlikes: [
      { mode: "FM-13", tell: "there R falls within TLS 1.2" },
      { mode: "FM-01", tell: "there PSKs are accepted by one node in N" },
    ],
    alongAge: false,
  },
  "FM-21": {
    title: "Handshake parameters no longer match the ticket",
    first: "Put the cipher or ALPN order back, or upgrade the library.",
    doNot: ["Do not rotate keys: they are fine.", "Do not change cipher order and keys in one step."],
    lookAlikes: [
      { mode: "FM-28", tell: "there R is flat and early data alone is refused" },
      { mode: "FM-23", tell: "there a client release comes before it" },
      { mode: "FM-19", tell: "there upgraded nodes alone are hit" },
    ],
    alongAge: false,
  },
  "FM-22": {
    title: "Client certificates were switched on",
    first: "Ask whether it is intended; if so expect R = 0 here, otherwise set the session id context.",
    doNot: [
      "Do not force resumption by skipping client authentication (FM-32).",
      "Do not count this listener in the fleet's R.",
    ],
    lookAlikes: [
      { mode: "FM-18", tell: "there it recovers along F_age" },
      { mode: "FM-12", tell: "there sessions are too large to be cached" },
      { mode: "FM-17", tell: "there failures come at the lifetime limit only" },
    ],
    alongAge: false,
  },
} as const satisfies AdviceEntries;

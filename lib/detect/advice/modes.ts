import type { AdviceEntry } from "./entry.ts";

/** What is different from its failure modes; what is not given is theirs. */
export type OwnAdvice = Partial<Pick<AdviceEntry, "title" | "doNot" | "alongAge">> & {
  readonly first: string;
};

/** The detector's modes that are not one failure mode of DOMAIN section 4, but several that telemetry cannot tell apart, or a part of one. */
export const OWN_ADVICE: Readonly<Record<string, OwnAdvice>> = {
  // FM-13, the data lost: then it comes back along F_age.
  cache_flush: {
    first: "Let the cache fill along the predicted curve; check that CPU is enough for the full handshakes.",
    doNot: ["Do not flush it again.", "Do not restart the proxies: their own sessions are what is left."],
    alongAge: true,
  },
  // Neither FM-16 nor FM-22: whatever switched them off.
  tickets_disabled: {
    first: "Look for the change of policy; turn tickets on again if it was not meant.",
    doNot: [
      "Do not rotate keys: no ticket is asked for.",
      "Do not enlarge the session cache before it is known whether tickets come back.",
    ],
  },
  slow_leak: {
    first: "Compare nodes with and without the last deploy; restart one and see whether it comes back.",
    doNot: [
      "Do not restart all nodes at once: that costs every session and hides the cause.",
      "Do not compare with yesterday: compare with the day before it began.",
    ],
  },
  handshakes_fail: {
    first: "Compare failures with an offer and without one, and look at the alerts.",
    doNot: ["Do not switch resumption off: full handshakes may cost more than these failures."],
  },
  latency_regression: {
    first:
      "Compare full and resumed handshakes: a longer chain or a dearer signature shows in full ones only.",
    doNot: [
      "Do not judge by an average over full and resumed handshakes.",
      "Do not add workers before lock waits and CPU have been looked at.",
    ],
  },
  ticket_replay: {
    first: "Disable early data for the endpoint, and look at tickets that are used from many networks.",
    doNot: [
      "Do not switch resumption off: PSKs without early data cannot be replayed.",
      "Do not store raw tickets or addresses as evidence.",
    ],
  },
  surge: {
    title: "More or other clients came",
    first:
      "Note it and check that CPU is enough for the full handshakes; tag machines as bots or monitors. Nobody needs to be woken.",
  },
};

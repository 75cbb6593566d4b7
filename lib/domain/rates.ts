/** The counts and rates of DOMAIN.md 5.1 and 5.2, per connection. Rates leave out bots and monitors (X). */
import type { Result } from "./handshake.ts";
import type { Mechanism } from "./vocabulary.ts";

/** Base counts of handshakes. `seen…` counts only those whose source can see offers. */
export type Counts = {
  full: number;
  resumed: number;
  failed: number;
  /** Completed, full or resumed not known: handshakes, but in no resume rate. */
  unknown: number;
  /** Resumed by mechanisms that a filter leaves out: in the denominator of R, and nowhere else. */
  resumedOtherwise: number;
  /** Completed handshakes whose offer is known, and those of them that offered, and that were accepted. */
  seenCompleted: number;
  offered: number;
  accepted: number;
  /** Offers that were refused since no key opens them. */
  unknownKey: number;
  earlyAccepted: number;
  earlyRejected: number;
  byMechanism: Record<Mechanism | "unknown", number>;
};

/** Counts of nothing. */
export function noCounts(): Counts {
  return {
    full: 0,
    resumed: 0,
    failed: 0,
    unknown: 0,
    resumedOtherwise: 0,
    seenCompleted: 0,
    offered: 0,
    accepted: 0,
    unknownKey: 0,
    earlyAccepted: 0,
    earlyRejected: 0,
    byMechanism: { session_id: 0, ticket: 0, psk: 0, unknown: 0 },
  };
}

/** Adds `count` handshakes of one result. */
export function addResult(counts: Counts, result: Result, count: number): Counts {
  if (result.outcome === "failed") {
    counts.failed += count;
    return counts;
  }
  const resumed = result.outcome === "resumed";
  if (result.outcome === null) counts.unknown += count;
  else if (resumed) {
    counts.resumed += count;
    counts.byMechanism[result.mechanism ?? "unknown"] += count;
  } else counts.full += count;
  if (result.offer !== null) {
    counts.seenCompleted += count;
    // A sender that says both "resumed" and "no offer" contradicts itself; A stays within [0, 1] all the same.
    if (result.offer !== "none") counts.offered += count;
    if (resumed && result.offer !== "none") counts.accepted += count;
    if (result.reason === "unknown_key" && result.offer !== "none") counts.unknownKey += count;
  }
  if (result.earlyData === "accepted") counts.earlyAccepted += count;
  if (result.earlyData === "rejected") counts.earlyRejected += count;
  return counts;
}

/** Completed handshakes whose outcome is known: the denominator of R. */
export function completed(counts: Counts): number {
  return counts.full + counts.resumed + counts.resumedOtherwise;
}

/** Every handshake, completed in whatever way or failed. */
export function allHandshakes(counts: Counts): number {
  return completed(counts) + counts.unknown + counts.failed;
}

/** A proportion k of n; the value is null when n is 0. */
export type Share = { readonly k: number; readonly n: number };

/** The value of a share, in [0, 1]; null for nothing. */
export function rateOf({ k, n }: Share): number | null {
  return n > 0 ? k / n : null;
}

/** R = resumed / (full + resumed). */
export function resumeShare(counts: Counts): Share {
  return { k: counts.resumed, n: completed(counts) };
}

/** O = offered / completed, over handshakes whose offer is known. */
export function offerShare(counts: Counts): Share {
  return { k: counts.offered, n: counts.seenCompleted };
}

/** A = accepted / offered, over handshakes whose offer is known: never R where offers cannot be seen. */
export function acceptShare(counts: Counts): Share {
  return { k: counts.accepted, n: counts.offered };
}

/** Orphan share = offers refused since no key opens them / offers (DOMAIN 5.2): keys are not in step. */
export function orphanShare(counts: Counts): Share {
  return { k: counts.unknownKey, n: counts.offered };
}

/** Failed / (failed + completed). */
export function failureShare(counts: Counts): Share {
  return { k: counts.failed, n: allHandshakes(counts) };
}

/** Accepted early data / offered early data. */
export function earlyDataShare(counts: Counts): Share {
  return { k: counts.earlyAccepted, n: counts.earlyAccepted + counts.earlyRejected };
}

/** What an incident's departed signal is made of, in the detector's own terms. */
import { addRow, F, FEATURES } from "../detect/features.ts";
import { STREAM, STREAMS, type Stream } from "../detect/streams.ts";
import type { Share } from "../domain/rates.ts";
import { OVERFLOW_NAME } from "../domain/vocabulary.ts";
import type { RollupRow } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";

/** The stream of a signal's name; null for what is no stream of handshakes (the age of a key, missing telemetry). */
export function streamOf(signal: string): Stream | null {
  const at = STREAM[signal];
  return (at === undefined ? null : STREAMS[at]) ?? null;
}

/**
 * The stream by which an incident's parts are told: R for whatever departed of resumption, since what refusals cost is
 * resumptions; otherwise its own.
 */
export function partsStreamOf({ family, departure }: StoredIncident): Stream | null {
  const stream = streamOf(family === "resumption" ? "resume" : departure.signal);
  return stream?.measure === "share" ? stream : null;
}

/** Numerator and denominator of a stream over rows: handshakes, or microseconds and timed handshakes for a mean. */
export function sumOf(rows: readonly RollupRow[], { over, under }: Stream): Share {
  const sums = new Float64Array(FEATURES);
  for (const row of rows)
    addRow(sums, {
      atMs: row.bucketStartMs,
      segment: { endpoint: null, node: null, region: null, family: null, protocol: null },
      result: row,
      count: row.count,
      handshakeUsSum: row.handshakeUs?.sum ?? null,
      timedCount: row.handshakeUs?.count ?? 0,
    });
  return { k: sums[over] ?? 0, n: sums[under] ?? 0 };
}

/** Whether bots and monitors count in an incident's figures: where it is about them, or its stream counts everybody. */
export function countsEverybody({ scope }: StoredIncident, stream: Stream | null): boolean {
  return scope.families !== null || stream?.customersOnly === false;
}

/** Whether a cell lies in an incident's scope beside its endpoints. */
export function inScope({ group }: RollupRow, { scope }: StoredIncident): boolean {
  const within = (names: readonly string[] | null, value: string | null | undefined): boolean =>
    names === null || names.includes(value ?? OVERFLOW_NAME);
  return (
    within(scope.nodes, group.node) &&
    within(scope.regions, group.region) &&
    within(scope.families, group.family) &&
    within(scope.protocols, group.protocol)
  );
}

/** Whether a mean of durations needs rows with their histograms. */
export const needsTimes = (stream: Stream | null): boolean =>
  stream !== null && (stream.under === F.fullTimed || stream.under === F.resumedTimed);

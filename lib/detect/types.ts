/**
 * What the detector takes and gives. Pure values: times are epoch milliseconds, lengths carry their unit. Nothing in here
 * knows where rows come from, so the running collector, the replay of stored history and `reprise detect` share it.
 */
import type { Result, Segment } from "../domain/handshake.ts";
import type { ChangeKind } from "../domain/vocabulary.ts";

/** Handshakes of one segment, one result and one bucket: a rollup cell, as far as detection needs it. */
export type TelemetryRow = {
  /** Start of the bucket. */
  readonly atMs: number;
  readonly segment: Segment;
  readonly result: Result;
  readonly count: number;
  /** Sum of handshake durations, microseconds, over `timedCount` of the handshakes; null where they were not timed. */
  readonly handshakeUsSum: number | null;
  readonly timedCount: number;
};

/** What part of a system a change touched, where the change says so; null = not said. */
export type ChangeComponent = string | null;

/** A change of the fleet, recorded or observed. Scope parts that are null apply to all. */
export type DetectorChange = {
  readonly id: string;
  readonly atMs: number;
  readonly kind: ChangeKind;
  readonly component: ChangeComponent;
  readonly endpoints: readonly string[] | null;
  readonly nodes: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly families: readonly string[] | null;
  /** Endpoints that share ticket keys: rotations of one group have one clock. Null = not known. */
  readonly keyGroup: string | null;
};

/** A reading of a session cache. Counts are increases since the reading before. */
export type CacheReading = {
  readonly atMs: number;
  readonly endpoint: string | null;
  /** The cache's own name, or its node. */
  readonly cache: string;
  readonly hits: number | null;
  readonly misses: number | null;
  readonly evictions: number | null;
  readonly entries: number | null;
  readonly capacity: number | null;
};

/** A reading of a node's current session ticket key. `keyName` is a keyed hash. */
export type KeyReading = {
  readonly atMs: number;
  readonly node: string;
  readonly keyGroup: string;
  readonly keyName: string;
};

/** An announced time in which departures are expected: told, never paged. Scope parts that are null apply to all. */
export type Silence = {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly endpoints: readonly string[] | null;
  readonly nodes: readonly string[] | null;
};

/** Signals that may depart independently; an endpoint has at most one open incident of each. */
export type SignalFamily = "resumption" | "early_data" | "latency" | "failures" | "rotation" | "telemetry";

/** Where: every part is a restriction; null = all. */
export type Scope = {
  readonly endpoints: readonly string[];
  readonly nodes: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly families: readonly string[] | null;
  readonly protocols: readonly string[] | null;
};

/** One statement for or against an explanation. `weight` in nats: above 0 speaks for it. */
export type Evidence = { readonly text: string; readonly weight: number };

/** A candidate cause with the probability that it is the one; `changeId` null = no recorded change. */
export type Suspect = {
  readonly changeId: string | null;
  readonly probability: number;
  readonly lagMs: number | null;
  readonly evidence: readonly Evidence[];
};

/** A candidate failure mode. */
export type Diagnosis = {
  /** Id of the mode in lib/detect/modes ("stek_desync"), or "unknown". */
  readonly mode: string;
  /** Failure modes of DOMAIN.md section 4 that it stands for ("FM-02"). */
  readonly failureModes: readonly string[];
  readonly probability: number;
  readonly evidence: readonly Evidence[];
};

/** Why and where, as believed at a moment. Diagnoses and suspects best first; probabilities of each list add up to 1. */
export type Explanation = {
  readonly scope: Scope;
  readonly onsetMs: number;
  readonly diagnoses: readonly Diagnosis[];
  readonly suspects: readonly Suspect[];
};

/** The measured departure that an incident stands on. */
export type Departure = {
  readonly signal: string;
  /** What was looked at: "endpoint:", "node:fra-1", "class:ios|TLSv1.3", … */
  readonly group: string;
  /** Against what: what went before, the slow level, or the other nodes or classes in the same time. */
  readonly yardstick: "before" | "level" | "peers" | "schedule";
  readonly observed: number;
  readonly expected: number;
  /** Handshakes (or offers) that it is measured on. */
  readonly trials: number;
  /** Standard deviations from what was expected, noise between hours included. */
  readonly sigmas: number;
  readonly windowMs: number;
};

/** A change of an incident's state. Ids are stable over a run; `class` never changes after opening. */
export type DetectorEvent =
  | {
      readonly type: "opened" | "refined";
      readonly id: string;
      readonly atMs: number;
      readonly class: "page" | "info";
      readonly family: SignalFamily;
      readonly departure: Departure;
      readonly explanation: Explanation;
    }
  | { readonly type: "resolved"; readonly id: string; readonly atMs: number; readonly reason: string };

/** Settings with their units; `DEFAULT_SETTINGS` serves every fleet. */
export type DetectorSettings = {
  /** Length of a bucket, milliseconds. */
  readonly bucketMs: number;
  /** Pages by chance alone, of all groups, signals and windows of one endpoint, a week. */
  readonly falseAlarmsPerEndpointWeek: number;
  /** History that has to be there before anything is paged, hours. */
  readonly warmUpHours: number;
  /** Segments beyond this many are left out and counted. */
  readonly mostCells: number;
};

export const DEFAULT_SETTINGS: DetectorSettings = {
  bucketMs: 60_000,
  falseAlarmsPerEndpointWeek: 0.02,
  warmUpHours: 24,
  mostCells: 20_000,
};

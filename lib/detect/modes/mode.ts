import type { ChangeKind } from "../../domain/vocabulary.ts";
import type { Facts, MechanismPart, ReasonPart } from "../facts.ts";
import type { Evidence, SignalFamily } from "../types.ts";

/** A way in which a recorded change leads to a failure mode. */
export type CauseRule = {
  readonly kinds: readonly ChangeKind[];
  /** Components that the change may name; null = any. A change that names none always fits. */
  readonly components: readonly string[] | null;
  /** Part of the mode's recorded causes that are of this sort. */
  readonly part: number;
  /** Typical time from the change to the onset, minutes: the lag is taken as exponential with this mean. */
  readonly lagMin: number;
  /** A change of all nodes that shows on some (a rotation that one node misses), or the other way round, fits too. */
  readonly anyNodes?: boolean;
};

/** A failure mode that telemetry can show: what it looks like, what it is mistaken for, and what leads to it. */
export type Mode = {
  readonly id: string;
  /** Entries of DOMAIN.md section 4. */
  readonly failureModes: readonly string[];
  readonly title: string;
  readonly families: readonly SignalFamily[];
  /** How often it is met, relative to the others. */
  readonly prior: number;
  /** Expected parts of the missing resumptions by reason; what is not named is near 0. */
  readonly reasons?: Partial<Record<ReasonPart, number>>;
  /** Expected loss of each mechanism relative to the worst, 0…1; not named = no expectation. */
  readonly mechanisms?: Partial<Record<MechanismPart, number>>;
  readonly shape?: { readonly step: number; readonly growing: number; readonly fading: number };
  /** Probability that only some of the nodes are hit. */
  readonly someNodes?: number;
  /** Probability that only some of the client families and protocols are hit. */
  readonly someClasses?: number;
  /** What else speaks for or against it. */
  readonly also?: (facts: Facts) => readonly Evidence[];
  readonly causes: readonly CauseRule[];
  /** Probability that no recorded change caused it. */
  readonly unrecorded: number;
  /** Modes that look alike, and are told apart by the evidence. */
  readonly lookAlikes: readonly string[];
};

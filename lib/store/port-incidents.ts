/** Incidents as they are kept: what the detector believes of them, and what people did. */
import type { Departure, DetectorEvent, Diagnosis, Scope, SignalFamily, Suspect } from "../detect/types.ts";

/** The newest state of one incident. */
export type StoredIncident = {
  readonly id: string;
  readonly class: "page" | "info";
  readonly family: SignalFamily;
  readonly state: "open" | "acknowledged" | "resolved";
  readonly openedMs: number;
  readonly onsetMs: number;
  readonly updatedMs: number;
  readonly resolvedMs: number | null;
  /** How often it was opened again after it was resolved. */
  readonly reopened: number;
  readonly scope: Scope;
  readonly departure: Departure;
  readonly diagnoses: readonly Diagnosis[];
  readonly suspects: readonly Suspect[];
  readonly acknowledgedBy: string | null;
  readonly acknowledgedMs: number | null;
  readonly assignee: string | null;
};

/** One step in an incident's life: by the detector (with what it believed then) or by a person. */
export type StoredIncidentUpdate = {
  readonly incidentId: string;
  readonly atMs: number;
  readonly kind:
    | DetectorEvent["type"]
    | "reopened"
    | "acknowledged"
    | "unacknowledged"
    | "assigned"
    | "comment";
  readonly actor: string | null;
  readonly text: string;
};

export type IncidentQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly states?: readonly StoredIncident["state"][];
  readonly classes?: readonly StoredIncident["class"][];
  readonly endpoint?: string;
};

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

/** What a person does to an incident; `text` is the assignee, the comment, or a remark. */
export type IncidentAct = {
  readonly id: string;
  readonly action: "acknowledge" | "unacknowledge" | "assign" | "comment" | "resolve";
  readonly actor: string | null;
  readonly text: string | null;
  readonly nowMs: number;
};

/** Reads of incidents. `tenant` is a TenantId of the port. */
export interface IncidentReader {
  /** Incidents that went on within [fromMs, toMs), from onset to end, the last opened first. */
  readIncidents(tenant: number, query: IncidentQuery): Promise<readonly StoredIncident[]>;
  readIncident(tenant: number, id: string): Promise<StoredIncident | null>;
  /** Every step in an incident's life, in order. */
  readIncidentUpdates(tenant: number, id: string): Promise<readonly StoredIncidentUpdate[]>;
}

export interface IncidentActor {
  /**
   * Does it and answers the incident as it is then; null for an unknown one. What has been done already (an acknowledged
   * incident acknowledged, a resolved one resolved, the same assignee) changes nothing and adds no step.
   */
  actOnIncident(tenant: number, act: IncidentAct): Promise<StoredIncident | null>;
}

export interface IncidentWriter {
  /**
   * Keeps what the detector believes, and adds steps. What people did stays: an acknowledged incident stays so, and a
   * resolved one is open again only where `reopened` has grown.
   */
  saveIncidents(
    tenant: number,
    save: {
      readonly incidents: readonly StoredIncident[];
      readonly updates: readonly StoredIncidentUpdate[];
    },
  ): Promise<void>;
}

/** Findings as they are kept: what was found, and what people did. */
import type { Finding, FindingKind } from "../domain/findings.ts";

export type StoredFinding = Finding & {
  readonly state: "open" | "acknowledged" | "closed";
  readonly updatedMs: number;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedMs: number | null;
};

/** Reads. `tenant` is a TenantId of the port. */
export interface FindingReader {
  /** Findings last seen within [fromMs, toMs), the last seen first. */
  readFindings(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly kinds?: readonly FindingKind[];
      readonly states?: readonly StoredFinding["state"][];
      readonly endpoint?: string;
    },
  ): Promise<readonly StoredFinding[]>;
}

export interface FindingWriter {
  /**
   * Keeps what was found. One that is known grows (first, last, count, evidence); what people did stays, but one that was
   * closed is open again when it is seen after that.
   */
  saveFindings(tenant: number, findings: readonly Finding[], nowMs: number): Promise<void>;
  /** Answers the finding as it is then; null for an unknown one. */
  actOnFinding(
    tenant: number,
    act: {
      readonly id: string;
      readonly action: "acknowledge" | "close" | "reopen";
      readonly actor: string | null;
      readonly nowMs: number;
    },
  ): Promise<StoredFinding | null>;
}

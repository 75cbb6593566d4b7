/** Targets of the prober and what it found. */
import type { Mechanism } from "../domain/vocabulary.ts";

/** A target as it is kept. `spec` is the prober's own value, validated by lib/contract where it comes from people. */
export type StoredProbeTarget<Spec = unknown> = {
  readonly id: string;
  readonly origin: "configuration" | "console";
  readonly endpoint: string;
  readonly paused: boolean;
  readonly spec: Spec;
  readonly createdMs: number;
  readonly updatedMs: number;
};

export type StoredProbeResult<Result = unknown> = {
  readonly targetId: string;
  readonly endpoint: string;
  readonly node: string;
  readonly atMs: number;
  /** Whether the full handshake succeeded. */
  readonly ok: boolean;
  readonly result: Result;
};

/** Whether a ticket or session of `fromNode` was accepted at `toNode`; null: it could not be told, for `reason`. */
export type Agreement = {
  readonly targetId: string;
  readonly endpoint: string;
  readonly fromNode: string;
  readonly toNode: string;
  readonly mechanism: Mechanism;
  readonly accepted: boolean | null;
  readonly reason: string | null;
  readonly atMs: number;
};

/** Reads. `tenant` is a TenantId of the port. */
export interface ProbeReader {
  readProbeTargets(tenant: number): Promise<readonly StoredProbeTarget[]>;
  /** The newest result of each node of each target. */
  readNewestProbes(tenant: number): Promise<readonly StoredProbeResult[]>;
  /** Results within [fromMs, toMs), the newest first. */
  readProbes(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly targetId?: string;
      readonly node?: string;
    },
  ): Promise<readonly StoredProbeResult[]>;
  /** Observations within [fromMs, toMs), the newest first. */
  readAgreements(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly endpoint?: string;
    },
  ): Promise<readonly Agreement[]>;
}

/** Writes of the console and of the prober. */
export interface ProbeWriter {
  saveProbeTarget(tenant: number, target: StoredProbeTarget): Promise<void>;
  /** Its results stay until their retention ends. */
  deleteProbeTarget(tenant: number, id: string): Promise<void>;
  saveProbes(
    tenant: number,
    found: { readonly results: readonly StoredProbeResult[]; readonly agreements: readonly Agreement[] },
  ): Promise<void>;
}

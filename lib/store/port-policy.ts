/** What people decide about hygiene rules: thresholds, exceptions, and what they declare of their endpoints. */

export type StoredThreshold = {
  readonly rule: string;
  /** The rule's own value, validated by the rule (lib/policy). */
  readonly threshold: unknown;
  readonly actor: string | null;
  readonly updatedMs: number;
};

export type StoredException = {
  readonly id: string;
  readonly rule: string;
  /** null: everywhere. */
  readonly endpoint: string | null;
  readonly reason: string;
  readonly actor: string | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly endedMs: number | null;
};

/** What people declare where no telemetry tells; validated by lib/contract. `endpoint` null: every endpoint. */
export type StoredIntent = {
  readonly endpoint: string | null;
  readonly intent: unknown;
  readonly actor: string | null;
  readonly updatedMs: number;
};

/** Reads. `tenant` is a TenantId of the port. */
export interface PolicyReader {
  readThresholds(tenant: number): Promise<readonly StoredThreshold[]>;
  /** All of them, ended and expired ones too, the newest first. */
  readExceptions(tenant: number): Promise<readonly StoredException[]>;
  readIntents(tenant: number): Promise<readonly StoredIntent[]>;
}

export interface PolicyWriter {
  /** null goes back to the rule's default. */
  saveThreshold(
    tenant: number,
    threshold: Omit<StoredThreshold, "threshold"> & { threshold: unknown },
  ): Promise<void>;
  saveException(tenant: number, exception: StoredException): Promise<void>;
  saveIntent(tenant: number, intent: StoredIntent): Promise<void>;
}

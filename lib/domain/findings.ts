/** Kinds of findings: things that deserve a look although no rate has to move (DOMAIN.md 4.1, 4.5, 5.7). */
export const FINDING_KINDS = [
  /** One ticket from many networks or client families (FM-31). */
  "ticket_spread",
  /** A TLS 1.3 ticket offered more than once (RFC 8446 C.4). */
  "ticket_reuse",
  /** A ticket offered under another server name or tenant than it was issued for (FM-32). */
  "cross_name",
  /** Many corrupt or unknown tickets at once. */
  "corrupt_burst",
  /** The same early data more than once (FM-30). */
  "early_data_replay",
  /** Valid and invalid tickets take clearly different times. */
  "timing_oracle",
  /** TLS alerts far above what is usual. */
  "alert_spike",
  /** A key began to be used and nobody announced it. */
  "unannounced_rotation",
  /** A rotation was announced and no new key was seen, or its time has passed. */
  "missing_rotation",
  /** A node encrypted under a key that others could not open yet (FM-06). */
  "single_stage_rotation",
  /** A ticket was accepted under a key that was revoked (FM-08). */
  "revoked_key_accepted",
  /** A ticket opened with a zero or low-entropy key, or a name that other domains use too (FM-07). */
  "weak_key",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** As in DOMAIN.md 5.7. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A finding, with figures and keyed hashes as evidence; never raw identifiers. */
export type Finding = {
  /** Stable: the same matter found again is the same finding. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How often it was seen. */
  readonly count: number;
  /** One sentence. */
  readonly title: string;
  /** Labelled figures, in the order in which they are shown. */
  readonly evidence: readonly { readonly label: string; readonly value: string }[];
};

import type { FindingKind } from "./findings.ts";

export type FindingWords = {
  readonly label: string;
  /** The failure mode whose runbook says what to do; null where there is none. */
  readonly runbook: string | null;
  /** What to do first, and what else may look the same. */
  readonly first: string;
};

/** Each kind of finding in words (first actions as in DOMAIN.md 4.1 and 4.5). */
export const FINDING_WORDS: Readonly<Record<FindingKind, FindingWords>> = {
  ticket_spread: {
    label: "Ticket spread",
    runbook: "FM-31",
    first:
      "Look who owns the networks. Accept each ticket once at this endpoint; replace the ticket key where it may have leaked. Egress pools and roaming look alike, but stay below what is usual here.",
  },
  ticket_reuse: {
    label: "Ticket reuse",
    runbook: "FM-31",
    first:
      "Find the client that offers TLS 1.3 tickets again (RFC 8446 C.4 advises against it), or accept each ticket once. Parallel connections of one visit reuse a few.",
  },
  cross_name: {
    label: "Other name",
    runbook: "FM-32",
    first:
      "Give each name or tenant its own ticket keys or session context. Where one of the names asks for client certificates, treat it as an incident.",
  },
  corrupt_burst: {
    label: "Unreadable tickets",
    runbook: "FM-31",
    first:
      "Limit the rate of these networks. Somebody may be trying tickets, or one client store is damaged. A rotation would refuse every network's tickets alike.",
  },
  early_data_replay: {
    label: "0-RTT replay",
    runbook: "FM-30",
    first:
      "Switch early data off at this endpoint and keep resumption. A client that sends early data twice with one ticket looks the same.",
  },
  timing_oracle: {
    label: "Told by time",
    runbook: null,
    first:
      "Measure both from one network before you believe it. Then let the server take the same way for every refused ticket.",
  },
  alert_spike: {
    label: "Alert spike",
    runbook: "FM-22",
    first:
      "Look what changed at this time: certificates, client certificates, versions, or a client release.",
  },
  unannounced_rotation: {
    label: "Rotation not announced",
    runbook: "FM-03",
    first: "Find out who replaced the key, and record it.",
  },
  missing_rotation: {
    label: "Rotation missing",
    runbook: "FM-05",
    first: "Look at the job that rotates keys.",
  },
  single_stage_rotation: {
    label: "Rotation in one stage",
    runbook: "FM-06",
    first: "Let every node open the new key before any encrypts with it.",
  },
  revoked_key_accepted: {
    label: "Revoked key in use",
    runbook: "FM-08",
    first: "Take the key off the nodes that still accept it.",
  },
  weak_key: {
    label: "Weak key",
    runbook: "FM-07",
    first: "Replace the key with a random one, and treat what was encrypted under it as known.",
  },
};

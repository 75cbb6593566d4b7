/** What a thread tells, before a notifier puts it into its own form. Plain values: it is kept in the outbox as JSON. */
import type { TellReason } from "../domain/alert-phase.ts";
import type { AlertSeverity } from "../domain/alert-rule.ts";

/** One alert as a message tells it. */
export type MessageAlert = {
  readonly id: string;
  readonly ruleId: string;
  /** The rule's title. */
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly labels: Readonly<Record<string, string>>;
  /** What was measured, in a sentence with its figures. */
  readonly summary: string;
  readonly firing: boolean;
  readonly firedMs: number;
  readonly resolvedMs: number | null;
  /** Address of the runbook; null where there is none. */
  readonly runbookUrl: string | null;
};

/** The diagnosis that a message carries where the thread is an incident. */
export type MessageDiagnosis = {
  readonly incidentId: string;
  /** What, where and since when, in a sentence. */
  readonly headline: string;
  readonly mode: string;
  /** Probability of the mode, in [0, 1]. */
  readonly probability: number;
  /** The likeliest change, or that none explains it. */
  readonly cause: string;
  readonly cpuAtRiskCores: number | null;
  /** When it should be over, in words; null where nothing says so. */
  readonly recovery: string | null;
  readonly firstAction: string | null;
  readonly doNots: readonly string[];
};

export type AlertMessage = {
  /** Stable over the tries of one message. */
  readonly id: string;
  /** Stable over the life of the thread. */
  readonly thread: string;
  readonly reason: TellReason | "test";
  readonly severity: AlertSeverity;
  /** One line. */
  readonly title: string;
  readonly atMs: number;
  readonly alerts: readonly MessageAlert[];
  readonly diagnosis: MessageDiagnosis | null;
  /** Address of the incident or of the alerts page; null where the console's own address is not set. */
  readonly url: string | null;
  /** The last hours of what is told of, for a small picture; values null where there is a gap. */
  readonly course: {
    readonly label: string;
    readonly unit: "ratio" | "us" | "s" | "cores" | "handshakes";
    readonly points: readonly { readonly t: number; readonly value: number | null }[];
    /** What was expected; null where nothing was. */
    readonly expected: number | null;
  } | null;
};

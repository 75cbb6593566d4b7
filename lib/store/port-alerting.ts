/** Rules, states, threads and the outbox of alerting as they are kept. `tenant` is a TenantId of the port. */
import type { AlertState } from "../alerting/state.ts";
import type { ThreadState } from "../alerting/thread.ts";
import type { AlertTransition, OutboxState, TellReason } from "../domain/alert-phase.ts";
import type { AlertRoute, AlertSilence } from "../domain/alert-routing.ts";
import type { AlertRule } from "../domain/alert-rule.ts";

/** Who wrote a setting: a person in the console, or the rules file. */
export type AlertOrigin = "console" | "file";

export type StoredRule = {
  readonly origin: AlertOrigin;
  readonly rule: AlertRule;
  readonly actor: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
};

/** One alert of a rule: the rule, split by the values of its labels. */
export type StoredAlert = {
  readonly ruleId: string;
  /** Stable for the same rule and labels. */
  readonly alertId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: AlertState;
};

export type StoredAlertEvent = {
  readonly ruleId: string;
  readonly alertId: string;
  readonly atMs: number;
  readonly transition: AlertTransition;
  readonly value: number | null;
  readonly text: string;
};

export type StoredThread = {
  readonly receiver: string;
  readonly thread: string;
  readonly state: ThreadState;
  /** The receiver's own names of the thread (a Slack message, a PagerDuty key), as its notifier wrote them. */
  readonly refs: Readonly<Record<string, string>> | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedMs: number | null;
};

export type StoredSilence = AlertSilence & { readonly createdMs: number; readonly endedMs: number | null };

/** A receiver; its settings hold credentials, so they are sealed and only the collector's notifiers open them. */
export type StoredReceiver = {
  readonly name: string;
  readonly kind: string;
  readonly origin: AlertOrigin;
  readonly settings: Uint8Array;
  readonly actor: string | null;
  readonly updatedMs: number;
};

export type StoredRouting = {
  readonly origin: AlertOrigin;
  readonly tree: AlertRoute;
  readonly actor: string | null;
  readonly updatedMs: number;
};

export type StoredMessage = {
  /** The same for every try. */
  readonly id: string;
  readonly receiver: string;
  readonly thread: string;
  readonly reason: TellReason | "test";
  /** What is to be told, before a notifier puts it into its own form (lib/alerting/message.ts). */
  readonly message: unknown;
  readonly createdMs: number;
  /** Not before. */
  readonly dueMs: number;
  readonly attempts: number;
  readonly state: OutboxState;
  readonly lastError: string | null;
  readonly sentMs: number | null;
};

export type StoredDelivery = {
  readonly outboxId: string;
  readonly receiver: string;
  readonly atMs: number;
  readonly ok: boolean;
  /** The receiver's HTTP or SMTP status; null where there was no answer. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
};

/** States, events, threads and messages that become durable together. */
export type AlertSave = {
  readonly alerts: readonly StoredAlert[];
  /** Alerts that are gone: their rule was deleted, or nothing was heard of them for long. */
  readonly gone: readonly { readonly ruleId: string; readonly alertId: string }[];
  readonly events: readonly StoredAlertEvent[];
  /** Threads that begin anew: what people acknowledged and what receivers called them is forgotten. */
  readonly begun: readonly Pick<StoredThread, "receiver" | "thread">[];
  readonly threads: readonly Pick<StoredThread, "receiver" | "thread" | "state">[];
  readonly messages: readonly StoredMessage[];
};

export interface AlertReader {
  readAlertRules(tenant: number): Promise<readonly StoredRule[]>;
  readAlerts(tenant: number): Promise<readonly StoredAlert[]>;
  /** Within [fromMs, toMs), the newest first. */
  readAlertEvents(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly ruleId?: string;
    },
  ): Promise<readonly StoredAlertEvent[]>;
  readAlertThreads(tenant: number): Promise<readonly StoredThread[]>;
  /** All of them, ended ones too, the newest first. */
  readSilences(tenant: number): Promise<readonly StoredSilence[]>;
  readReceivers(tenant: number): Promise<readonly StoredReceiver[]>;
  readRouting(tenant: number): Promise<StoredRouting | null>;
  /** Messages written within [fromMs, toMs), the newest first. */
  readMessages(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly states?: readonly OutboxState[];
    },
  ): Promise<readonly StoredMessage[]>;
  readDeliveries(
    tenant: number,
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly outboxId?: string;
    },
  ): Promise<readonly StoredDelivery[]>;
}

/** What people and the rules file write. */
export interface AlertActor {
  saveAlertRule(tenant: number, rule: StoredRule): Promise<void>;
  deleteAlertRule(tenant: number, id: string): Promise<void>;
  saveSilence(tenant: number, silence: StoredSilence): Promise<void>;
  saveReceiver(tenant: number, receiver: StoredReceiver): Promise<void>;
  deleteReceiver(tenant: number, name: string): Promise<void>;
  saveRouting(tenant: number, routing: StoredRouting): Promise<void>;
  acknowledgeThread(
    tenant: number,
    act: { readonly thread: string; readonly actor: string | null; readonly nowMs: number },
  ): Promise<void>;
  /** Writes a message of a person: a test, or a dead one again. */
  putMessage(tenant: number, message: StoredMessage): Promise<void>;
  /** A dead or waiting message is due now, with its tries counted anew; false for an unknown one. */
  resendMessage(tenant: number, act: { readonly id: string; readonly nowMs: number }): Promise<boolean>;
}

/** What the collector writes. */
export interface AlertWriter {
  /** All or nothing. */
  saveAlerts(tenant: number, save: AlertSave, nowMs: number): Promise<void>;
  /** How many messages are in each state that somebody may have to do something about. */
  countMessages(): Promise<{ readonly waiting: number; readonly dead: number }>;
  /** Messages that are waiting and due, of every tenant, the oldest first; of a thread only its oldest one that waits. */
  dueMessages(
    nowMs: number,
    limit: number,
  ): Promise<readonly (StoredMessage & { readonly tenant: number })[]>;
  /** Notes a try: the message's new state, what the receiver calls the thread, and a line of the delivery log. */
  recordDelivery(
    tenant: number,
    outcome: {
      readonly message: StoredMessage;
      readonly delivery: StoredDelivery;
      readonly refs: Readonly<Record<string, string>> | null;
    },
  ): Promise<void>;
}

/**
 * Who is to be told what: alerts that fire, against silences, announced work, incidents and what was told before. Pure. One cause is
 * one thread: an incident takes over the thread of alerts that told of it first, and keeps others from telling it again.
 */
import { createHash } from "node:crypto";
import { type Labels, silencedBy } from "../../lib/alerting/match.ts";
import { DEFAULT_DESTINATION, type Destination, destinationsOf } from "../../lib/alerting/route.ts";
import { NEW_THREAD, type ThreadState, tell } from "../../lib/alerting/thread.ts";
import type { TellReason } from "../../lib/domain/alert-phase.ts";
import type { AlertRoute, AlertSilence } from "../../lib/domain/alert-routing.ts";
import type { AlertRule } from "../../lib/domain/alert-rule.ts";
import type { StoredThread } from "../../lib/store/port-alerting.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";

/** An alert that fires, or did when it was told. */
export type LiveAlert = {
  readonly id: string;
  readonly rule: AlertRule;
  /** With the rule's own labels, its id and its severity. */
  readonly labels: Labels;
  readonly firing: boolean;
  readonly firedMs: number;
  /** When it was resolved; null while it fires. */
  readonly resolvedMs: number | null;
  readonly text: string;
  /** The incident that it stands for; null for all other conditions. */
  readonly incident: StoredIncident | null;
};

/** Announced work: departures in its scope and time are expected. */
export type Maintenance = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
};

export type Told = {
  readonly id: string;
  readonly receiver: string;
  readonly thread: string;
  readonly reason: TellReason;
  /** Those that fire, and those that were told to fire and do not any more. */
  readonly alerts: readonly LiveAlert[];
};
export type Plan = {
  readonly threads: readonly Pick<StoredThread, "receiver" | "thread" | "state">[];
  readonly begun: readonly Pick<StoredThread, "receiver" | "thread">[];
  readonly told: readonly Told[];
};
export type PlanInput = {
  readonly alerts: readonly LiveAlert[];
  readonly threads: readonly StoredThread[];
  readonly routing: AlertRoute;
  readonly silences: readonly AlertSilence[];
  readonly maintenance: readonly Maintenance[];
  readonly nowMs: number;
};

type Open = {
  readonly destination: Destination;
  readonly thread: string;
  readonly before: StoredThread | null;
  readonly alerts: LiveAlert[];
};

/** Decides what each receiver is told now. */
export function planThreads(input: PlanInput): Plan {
  const open = new Map<string, Open>();
  for (const alert of input.alerts)
    for (const destination of destinationsOf(input.routing, alert.labels)) {
      const thread = threadOf(alert, destination, input);
      if (thread === null) continue;
      const key = `${destination.receiver}\u0000${thread}`;
      const entry = open.get(key) ?? {
        ...{ destination, thread, alerts: [] },
        before: input.threads.find((t) => t.receiver === destination.receiver && t.thread === thread) ?? null,
      };
      entry.alerts.push(alert);
      open.set(key, entry);
    }
  // What was told and is there no more, since its rule was deleted, is over as well.
  for (const before of input.threads) {
    const key = `${before.receiver}\u0000${before.thread}`;
    if (open.has(key) || Object.keys(before.state.firing).length === 0) continue;
    const destination = { ...DEFAULT_DESTINATION, receiver: before.receiver };
    open.set(key, { destination, thread: before.thread, before, alerts: [] });
  }
  const plans = [...open.values()].map((entry) => decide(entry, input));
  return {
    threads: plans.flatMap(({ state }) => (state ? [state] : [])),
    begun: plans.flatMap(({ begun }) => (begun ? [begun] : [])),
    told: plans.flatMap(({ told }) => (told ? [told] : [])),
  };
}

/** The thread that an alert belongs to at a receiver; null where it is kept quiet. */
function threadOf(alert: LiveAlert, { receiver, groupBy }: Destination, input: PlanInput): string | null {
  const mine = input.threads.filter((thread) => thread.receiver === receiver);
  const told = mine.find(({ state }) => Object.hasOwn(state.firing, alert.id));
  if (told) return told.thread;
  if (!alert.firing || isMuted(alert, input)) return null;
  if (alert.incident) {
    const first = mine.find(({ state }) =>
      input.alerts.some(
        (other) =>
          !other.incident && Object.hasOwn(state.firing, other.id) && overlaps(alert.incident, other),
      ),
    );
    return first?.thread ?? `incident:${alert.incident.id}`;
  }
  // The incident tells of it, with what explains it.
  const explained = input.alerts.some(
    (other) => other.firing && other.incident && overlaps(other.incident, alert) && !isMuted(other, input),
  );
  if (explained) return null;
  return `group:${groupBy.map((name) => `${name}=${alert.labels[name] ?? ""}`).join(",")}`;
}

function isMuted(alert: LiveAlert, { silences, maintenance, nowMs }: PlanInput): boolean {
  if (silencedBy(silences, alert.labels, nowMs)) return true;
  return maintenance.some(({ fromMs, toMs, endpoint, node }) => {
    if (nowMs < fromMs || nowMs >= toMs) return false;
    return covers(endpoint, alert.labels.endpoint) && covers(node, alert.labels.node);
  });
}

/** Work that names nothing is everywhere; what it names has to be where the alert is. */
const covers = (wanted: string | null, has: string | undefined): boolean => wanted === null || wanted === has;

/** Conditions that an incident of a signal explains. */
const EXPLAINED: Readonly<Record<string, readonly string[]>> = {
  resumption: [
    "resume_rate",
    "accept_rate",
    "offer_rate",
    "orphan_share",
    "cpu_at_risk",
    "cache_hit_ratio",
    "full",
    "resumed",
  ],
  early_data: ["early_data_accept_rate"],
  latency: ["handshake_us", "ttfb_us"],
  failures: ["failure_rate", "failed"],
};

/** Whether an incident tells of what an alert measures, where it measures it. */
function overlaps(incident: StoredIncident | null, { rule, labels }: LiveAlert): boolean {
  if (incident?.class !== "page") return false;
  const { condition } = rule;
  if (!("metric" in condition)) return condition.kind === "key_age" && incident.family === "rotation";
  if (!EXPLAINED[incident.family]?.includes(condition.metric)) return false;
  const { endpoints } = incident.scope;
  return labels.endpoint === undefined || endpoints.length === 0 || endpoints.includes(labels.endpoint);
}

function decide(entry: Open, input: PlanInput) {
  const { destination, thread, before, alerts } = entry;
  const { receiver } = destination;
  const firing = alerts.filter((alert) => alert.firing);
  const acknowledged =
    before?.acknowledgedMs != null ||
    alerts.some(({ incident }) => incident?.state === "acknowledged") ||
    // What was silenced after it was told is not repeated either.
    firing.every((alert) => isMuted(alert, input));
  const was: ThreadState = before?.state ?? NEW_THREAD;
  const { state, reason } = tell(
    was,
    alerts.map(({ id, firing, firedMs, incident }) => ({ id, firing, firedMs, urgent: incident !== null })),
    { ...destination, acknowledged },
    input.nowMs,
  );
  const changed = JSON.stringify(state) !== JSON.stringify(was);
  const anew = reason === "first" && was.sequence > 0;
  return {
    state: changed || !before ? { receiver, thread, state } : null,
    begun: anew ? { receiver, thread } : null,
    told:
      reason === null
        ? null
        : { id: messageId(receiver, thread, state.sequence), receiver, thread, reason, alerts },
  };
}

/** The same message decided again after a restart has the same id. */
function messageId(receiver: string, thread: string, sequence: number): string {
  return createHash("sha256")
    .update(JSON.stringify([receiver, thread, sequence]))
    .digest("hex")
    .slice(0, 32);
}

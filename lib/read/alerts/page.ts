import { DEFAULT_RULES, rulesWith } from "../../alerting/defaults.ts";
import { matches, routedLabels, silencedBy } from "../../alerting/match.ts";
import { destinationsOf } from "../../alerting/route.ts";
import type {
  AlertsReply,
  AlertView,
  RuleView,
  SilenceView,
  ThreadView,
} from "../../contract/read-alerts.ts";
import type { AlertPhase } from "../../domain/alert-phase.ts";
import type { AlertRoute } from "../../domain/alert-routing.ts";
import type { AlertRule } from "../../domain/alert-rule.ts";
import { conditionScale } from "../../domain/alert-words.ts";
import { printAlertFile } from "../../runtime/alert-yaml.ts";
import type { ReadStore, TenantId } from "../../store/port.ts";
import type {
  StoredAlert,
  StoredAlertEvent,
  StoredRule,
  StoredSilence,
  StoredThread,
} from "../../store/port-alerting.ts";
import { type OpenReceiver, receiverViews } from "./receivers.ts";

const DAY_MS = 86_400_000;
const EVENTS_BACK_MS = 30 * DAY_MS;
const MOST_EVENTS = 2_000;
const EVENTS_SHOWN = 100;
export const EMPTY_ROUTE: AlertRoute = { matchers: [], continue: false, routes: [] };

export type AlertsRequest = { readonly nowMs: number; readonly open: OpenReceiver };

/** Everything of the Alerts page but messages and their delivery. */
export async function readAlertsPage(
  store: ReadStore,
  tenant: TenantId,
  { nowMs, open }: AlertsRequest,
): Promise<AlertsReply> {
  const { alerting } = store;
  const stored = await alerting.readAlertRules(tenant);
  const rules = rulesWith(stored.map(({ rule }) => rule));
  const alerts = await alerting.readAlerts(tenant);
  const events = await alerting.readAlertEvents(tenant, {
    ...{ fromMs: nowMs - EVENTS_BACK_MS, toMs: nowMs + 1, limit: MOST_EVENTS },
  });
  const threads = await alerting.readAlertThreads(tenant);
  const silences = await alerting.readSilences(tenant);
  const routing = await alerting.readRouting(tenant);
  const tree = routing?.tree ?? EMPTY_ROUTE;
  const titles = new Map(rules.map(({ id, title }) => [id, title]));
  const about = { rules, events, threads, silences, tree, nowMs };
  const views = alertViews(alerts, about);
  return {
    nowMs,
    rules: rules.map((rule) => ruleView(rule, { stored, alerts, events })),
    alerts: views,
    events: events.slice(0, EVENTS_SHOWN).map(({ ruleId, atMs, transition, text }) => ({
      ...{ ruleId, atMs, transition, text, title: titles.get(ruleId) ?? ruleId },
    })),
    silences: silences.map((silence) => silenceView(silence, { alerts: views, nowMs })),
    receivers: receiverViews(await alerting.readReceivers(tenant), { tree, open }),
    routing: {
      ...{ tree, yaml: printAlertFile({ rules: [], route: tree }).replace(/^rules: \[\]\n/, "") },
      ...{ origin: routing?.origin ?? null, actor: routing?.actor ?? null },
      updatedMs: routing?.updatedMs ?? null,
    },
  };
}

function ruleView(
  rule: AlertRule,
  from: {
    readonly stored: readonly StoredRule[];
    readonly alerts: readonly StoredAlert[];
    readonly events: readonly StoredAlertEvent[];
  },
): RuleView {
  const kept = from.stored.find((one) => one.rule.id === rule.id);
  const shipped = DEFAULT_RULES.some(({ id }) => id === rule.id);
  const phases: Partial<Record<AlertPhase, number>> = {};
  for (const { ruleId, state } of from.alerts)
    if (ruleId === rule.id) phases[state.phase] = (phases[state.phase] ?? 0) + 1;
  const fired = from.events.find(({ ruleId, transition }) => ruleId === rule.id && transition === "fired");
  return {
    ...{ rule, shipped, phases },
    origin: !kept ? "shipped" : kept.origin === "file" ? "file" : shipped ? "changed" : "own",
    ...{ actor: kept?.actor ?? null, updatedMs: kept?.updatedMs ?? null },
    lastFiredMs: fired?.atMs ?? null,
  };
}

const ORDER: readonly AlertPhase[] = ["firing", "resolving", "pending", "no_data", "ok"];
const SEVERITY_ORDER = ["page", "ticket", "info"];

function alertViews(
  alerts: readonly StoredAlert[],
  about: {
    readonly rules: readonly AlertRule[];
    readonly events: readonly StoredAlertEvent[];
    readonly threads: readonly StoredThread[];
    readonly silences: readonly StoredSilence[];
    readonly tree: AlertRoute;
    readonly nowMs: number;
  },
): AlertView[] {
  const rules = new Map(about.rules.map((rule) => [rule.id, rule]));
  const standing = about.silences.filter(({ endedMs }) => endedMs === null);
  return alerts
    .flatMap(({ ruleId, alertId, labels, state }): AlertView[] => {
      const rule = rules.get(ruleId);
      if (!rule?.enabled || state.phase === "ok") return [];
      const routed = routedLabels(rule, labels);
      const silence = silencedBy(standing, routed, about.nowMs);
      return [
        {
          ...{ ruleId, alertId, title: rule.title, severity: rule.severity, labels, routed },
          ...{ phase: state.phase, sinceMs: state.sinceMs, firedMs: state.firedMs, value: state.value },
          unit: conditionScale(rule.condition).unit,
          silentSinceMs: state.silentSinceMs,
          text: about.events.find((event) => event.alertId === alertId)?.text ?? rule.title,
          receivers: destinationsOf(about.tree, routed).map(({ receiver }) => receiver),
          threads: about.threads
            .filter((thread) => Object.hasOwn(thread.state.firing, alertId))
            .map(threadView),
          silence: silence && { id: silence.id, reason: silence.reason, endsMs: silence.endsMs },
          incidentId: labels.incident ?? null,
        },
      ];
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase) ||
        SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
        b.sinceMs - a.sinceMs,
    );
}

function threadView({ receiver, thread, state, acknowledgedBy, acknowledgedMs }: StoredThread): ThreadView {
  return {
    ...{ receiver, thread, toldMs: state.toldMs, messages: state.sequence, acknowledgedBy, acknowledgedMs },
  };
}

/** A silence as it stands now, with the alerts that it keeps quiet. */
export function silenceView(
  silence: StoredSilence,
  { alerts, nowMs }: { readonly alerts: readonly AlertView[]; readonly nowMs: number },
): SilenceView {
  const { startsMs, endsMs, endedMs, matchers } = silence;
  const state = endedMs !== null || endsMs <= nowMs ? "past" : startsMs > nowMs ? "coming" : "active";
  const firing = alerts.filter(({ firedMs }) => firedMs !== null);
  const quiet = state === "active" ? firing.filter(({ routed }) => matches(matchers, routed)).length : 0;
  return { ...silence, state, quiet };
}

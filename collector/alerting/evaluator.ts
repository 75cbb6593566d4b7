import { rulesWith } from "../../lib/alerting/defaults.ts";
import { routedLabels } from "../../lib/alerting/match.ts";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import type { IncidentReply } from "../../lib/contract/read-incidents.ts";
import type { AlertRule } from "../../lib/domain/alert-rule.ts";
import type { CostTable } from "../../lib/domain/cost.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { TENANT_PARAM } from "../../lib/domain/tenant-param.ts";
import { measure } from "../../lib/read/alerts/measure.ts";
import { readIncidentDetail } from "../../lib/read/incident-detail.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import type { AlertSave, StoredAlert, StoredMessage, StoredThread } from "../../lib/store/port-alerting.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { composeMessage, type LinkTo } from "./compose.ts";
import { type Evaluated, evaluateRule } from "./rules-round.ts";
import { type LiveAlert, type Maintenance, type Plan, planThreads, type Told } from "./threads.ts";

const DAY_MS = 86_400_000;
/** Rules over rollups are evaluated once a minute; what was found already is told sooner. */
const RATES_EVERY_MS = 60_000;
const MATTERS_EVERY_MS = 5_000;
/** Announced work may have been recorded so long ago. */
const MAINTENANCE_BACK_MS = 7 * DAY_MS;
const MOST_CHANGES = 5_000;
const MOST_INCIDENTS = 500;

export type EvaluatorOptions = {
  readonly store: WriteStore;
  readonly tenant: TenantId;
  readonly costs: CostTable;
  /** The console's address for links, without a slash at its end; null where it is not known. */
  readonly consoleUrl: string | null;
  readonly metrics: Metrics;
  readonly log: Logger;
};

type Composing = {
  /** Incidents that were read in this round. */
  readonly read: Map<string, IncidentReply | null>;
  readonly nowMs: number;
};

/** How often a rule is evaluated, milliseconds. */
export function everyMsOf({ condition }: AlertRule): number {
  return condition.kind === "incident" || condition.kind === "finding" ? MATTERS_EVERY_MS : RATES_EVERY_MS;
}

/**
 * Evaluates the rules of a tenant and decides who is told. States, threads and messages become durable together, so that a restart at
 * any moment forgets nothing and tells nothing twice; what is in memory only saves work.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #evaluatedMs = new Map<string, number>();
  /** What was measured last of each alert, in words. */
  readonly #texts = new Map<string, string>();
  #quiet = false;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** One round. Throws what the store throws; nothing of the round is kept then, and the next one makes up for it. */
  async run(nowMs: number): Promise<void> {
    const { store, tenant } = this.#options;
    const own = (await store.alerting.readAlertRules(tenant)).map(({ rule }) => rule);
    const rules = rulesWith(own).filter(({ enabled }) => enabled);
    const stored = await store.alerting.readAlerts(tenant);
    const due = rules.filter((rule) => nowMs - (this.#evaluatedMs.get(rule.id) ?? 0) >= everyMsOf(rule));
    const rounds: Evaluated[] = [];
    for (const rule of due) {
      const evaluated = await this.#evaluate(rule, { stored, nowMs });
      if (evaluated) rounds.push(evaluated);
    }
    // Before anybody is told: what is told is what was measured just now.
    for (const { texts } of rounds) for (const [id, text] of texts) this.#texts.set(id, text);
    const known = new Set(rules.map(({ id }) => id));
    const orphans = stored.filter(({ ruleId }) => !known.has(ruleId));
    const alerts = merged(stored, rounds, orphans);
    const plan = await this.#plan(alerts, { rules, orphans, nowMs });
    await this.#save({ rounds, orphans, plan, nowMs });
    for (const rule of due) this.#evaluatedMs.set(rule.id, nowMs);
  }

  /** A rule that cannot be measured keeps its states: an error of ours never fires and never resolves. */
  async #evaluate(
    rule: AlertRule,
    at: { readonly stored: readonly StoredAlert[]; readonly nowMs: number },
  ): Promise<Evaluated | null> {
    const { store, tenant, costs, metrics, log } = this.#options;
    const { nowMs } = at;
    const everyMs = everyMsOf(rule);
    try {
      const measured = await measure({ store, tenant, costs }, rule, {
        ...{ fromMs: nowMs, toMs: nowMs, stepMs: everyMs },
      });
      const stored = at.stored.filter(({ ruleId }) => ruleId === rule.id);
      return evaluateRule(rule, { measured, stored, everyMs, nowMs });
    } catch (error) {
      metrics.alertRuleFailures.inc({ rule: rule.id });
      log.error({ rule: rule.id, error: (error as Error).message }, "an alert rule could not be evaluated");
      return null;
    }
  }

  async #plan(
    alerts: readonly StoredAlert[],
    at: {
      readonly rules: readonly AlertRule[];
      readonly orphans: readonly StoredAlert[];
      readonly nowMs: number;
    },
  ): Promise<(Plan & { readonly incidents: readonly StoredIncident[] }) | null> {
    const { store, tenant } = this.#options;
    const threads = await store.alerting.readAlertThreads(tenant);
    const firing = alerts.some(({ state }) => state.firedMs !== null);
    const told = threads.some(({ state }) => Object.keys(state.firing).length > 0);
    // The usual case: nothing fires and nothing is told.
    if (!firing && !told && this.#quiet) return null;
    const { nowMs } = at;
    const incidents = await store.readIncidents(tenant, {
      ...{ fromMs: nowMs - DAY_MS, toMs: nowMs + 1, limit: MOST_INCIDENTS },
    });
    const routing = await store.alerting.readRouting(tenant);
    const plan = planThreads({
      alerts: liveAlerts(alerts, { ...at, threads, incidents, texts: this.#texts }),
      threads,
      routing: routing?.tree ?? { matchers: [], continue: false, routes: [] },
      silences: (await store.alerting.readSilences(tenant)).filter(({ endedMs }) => endedMs === null),
      maintenance: await this.#maintenance(nowMs),
      nowMs,
    });
    this.#quiet = !firing && !told;
    return { ...plan, incidents };
  }

  /** Announced work and drills that go on now. */
  async #maintenance(nowMs: number): Promise<Maintenance[]> {
    const { store, tenant } = this.#options;
    const changes = await store.readChanges(tenant, {
      ...{ fromMs: nowMs - MAINTENANCE_BACK_MS, toMs: nowMs + 1, limit: MOST_CHANGES },
    });
    return changes.flatMap(({ kind, atMs, endMs, endpoint, node }: Change) =>
      kind === "drill" && endMs !== null ? [{ fromMs: atMs, toMs: endMs, endpoint, node }] : [],
    );
  }

  async #save(round: {
    readonly rounds: readonly Evaluated[];
    readonly orphans: readonly StoredAlert[];
    readonly plan: (Plan & { readonly incidents: readonly StoredIncident[] }) | null;
    readonly nowMs: number;
  }): Promise<void> {
    const { store, tenant } = this.#options;
    const { rounds, orphans, plan, nowMs } = round;
    const messages: StoredMessage[] = [];
    // Several receivers may be told of one incident: it is read once.
    const read = new Map<string, IncidentReply | null>();
    for (const told of plan?.told ?? []) messages.push(await this.#message(told, { read, nowMs }));
    const save: AlertSave = {
      alerts: rounds.flatMap(({ alerts }) => alerts),
      gone: [...rounds.flatMap(({ gone }) => gone), ...orphans],
      events: rounds.flatMap(({ events }) => events),
      ...{ begun: plan?.begun ?? [], threads: plan?.threads ?? [], messages },
    };
    const parts: readonly (readonly unknown[])[] = [
      save.alerts,
      save.gone,
      save.events,
      save.threads,
      messages,
    ];
    if (parts.some((list) => list.length > 0)) await store.alerting.saveAlerts(tenant, save, nowMs);
  }

  async #message(told: Told, { read, nowMs }: Composing): Promise<StoredMessage> {
    const { store, tenant, costs } = this.#options;
    const id = told.alerts.find(({ incident }) => incident !== null)?.incident?.id;
    if (id !== undefined && !read.has(id))
      read.set(id, await readIncidentDetail(store, tenant, { id, nowMs, costs }));
    const incident = id === undefined ? null : (read.get(id) ?? null);
    const message: AlertMessage = composeMessage({ told, incident, linkTo: await this.#links(), nowMs });
    const { receiver, thread, reason } = told;
    return {
      ...{ id: told.id, receiver, thread, reason, message, createdMs: nowMs, dueMs: nowMs },
      ...{ attempts: 0, state: "waiting", lastError: null, sentMs: null },
    };
  }

  /** Links of this tenant: where there are several, they name it, so that who looks at another one comes to the right page. */
  async #links(): Promise<LinkTo | null> {
    const { store, tenant, consoleUrl } = this.#options;
    if (consoleUrl === null) return null;
    const tenants = await store.people.readTenants();
    const own = tenants.length > 1 ? tenants.find((one) => one.tenant === tenant) : undefined;
    const suffix = own ? `?${TENANT_PARAM}=${encodeURIComponent(own.name)}` : "";
    return (path) => `${consoleUrl}${path}${suffix}`;
  }
}

/** States as they will be kept: evaluated ones, and those whose rule was not due. */
function merged(
  stored: readonly StoredAlert[],
  rounds: readonly Evaluated[],
  orphans: readonly StoredAlert[],
): StoredAlert[] {
  const alerts = new Map(stored.map((alert) => [alert.alertId, alert]));
  for (const { alertId } of orphans) alerts.delete(alertId);
  for (const { gone, alerts: fresh } of rounds) {
    for (const { alertId } of gone) alerts.delete(alertId);
    for (const alert of fresh) alerts.set(alert.alertId, alert);
  }
  return [...alerts.values()];
}

/** Alerts that fire, and those that were told to fire: the latter's end has to be told too, even if their rule is gone. */
function liveAlerts(
  alerts: readonly StoredAlert[],
  at: {
    readonly rules: readonly AlertRule[];
    readonly orphans: readonly StoredAlert[];
    readonly threads: readonly StoredThread[];
    readonly incidents: readonly StoredIncident[];
    readonly texts: ReadonlyMap<string, string>;
    readonly nowMs: number;
  },
): LiveAlert[] {
  const rules = new Map(at.rules.map((rule) => [rule.id, rule]));
  const incidents = new Map(at.incidents.map((incident) => [incident.id, incident]));
  const toldMs = new Map(at.threads.flatMap(({ state }) => Object.entries(state.firing)));
  return alerts.flatMap(({ ruleId, alertId, labels, state }): LiveAlert[] => {
    const rule = rules.get(ruleId);
    const firing = state.firedMs !== null;
    const firedMs = state.firedMs ?? toldMs.get(alertId);
    if (!rule || firedMs === undefined) return [];
    return [
      {
        ...{ id: alertId, rule, firing, firedMs },
        labels: routedLabels(rule, labels),
        resolvedMs: firing ? null : state.sinceMs,
        text: at.texts.get(alertId) ?? rule.title,
        incident: rule.condition.kind === "incident" ? (incidents.get(labels.incident ?? "") ?? null) : null,
      },
    ];
  });
}

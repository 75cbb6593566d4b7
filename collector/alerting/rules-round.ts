/** One evaluation of one rule: from what was measured to the states of its alerts. Pure. */
import { createHash } from "node:crypto";
import type { Labels } from "../../lib/alerting/match.ts";
import { type AlertSample, advance } from "../../lib/alerting/state.ts";
import type { AlertRule } from "../../lib/domain/alert-rule.ts";
import type { Measured } from "../../lib/read/alerts/measured.ts";
import type { StoredAlert, StoredAlertEvent } from "../../lib/store/port-alerting.ts";

const DAY_MS = 86_400_000;
/** An alert that is ok and of which nothing was heard for so long is forgotten. */
const FORGET_MS = DAY_MS;
const NO_DATA: AlertSample = { value: null, breached: false, cleared: false };
const OVER: AlertSample = { value: 0, breached: false, cleared: true };

export type Evaluated = {
  readonly alerts: readonly StoredAlert[];
  readonly gone: readonly StoredAlert[];
  readonly events: readonly StoredAlertEvent[];
  /** What was measured of each alert, in words, by its id. */
  readonly texts: ReadonlyMap<string, string>;
};

/** Stable for a rule and what makes the alert: the values that it is split by, or the matter that it is about. */
export function alertIdOf(ruleId: string, labels: Labels, identity?: string): string {
  const parts = identity ?? JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(`${ruleId}\u0000${parts}`).digest("hex").slice(0, 16);
}

/** Takes each alert of a rule one evaluation further. What was not measured has no data; a matter that is gone is over. */
export function evaluateRule(
  rule: AlertRule,
  at: {
    readonly measured: readonly Measured[];
    readonly stored: readonly StoredAlert[];
    readonly everyMs: number;
    readonly nowMs: number;
  },
): Evaluated {
  const { nowMs, everyMs } = at;
  const timing = { ...rule, everyMs };
  const before = new Map(at.stored.map((alert) => [alert.alertId, alert]));
  const texts = new Map<string, string>();
  const alerts: StoredAlert[] = [];
  const events: StoredAlertEvent[] = [];
  const go = (alertId: string, labels: Labels, told: { sample: AlertSample; text: string }): void => {
    const { state, transition } = advance(before.get(alertId)?.state ?? null, told.sample, timing, nowMs);
    texts.set(alertId, told.text);
    alerts.push({ ruleId: rule.id, alertId, labels, state });
    if (transition === null) return;
    const { value } = state;
    events.push({ ruleId: rule.id, alertId, atMs: nowMs, transition, value, text: told.text });
  };
  for (const { labels, points, identity } of at.measured) {
    const point = points.at(-1);
    const alertId = alertIdOf(rule.id, labels, identity);
    if (point && !texts.has(alertId)) go(alertId, labels, point);
  }
  const matter = rule.condition.kind === "incident" || rule.condition.kind === "finding";
  const gone: StoredAlert[] = [];
  for (const alert of at.stored) {
    if (texts.has(alert.alertId)) continue;
    if (isForgotten(alert, { matter, nowMs })) gone.push(alert);
    else go(alert.alertId, alert.labels, matter ? { sample: OVER, text: "it is over" } : SILENT);
  }
  return { alerts, gone, events, texts };
}

const SILENT = { sample: NO_DATA, text: "there is no data any more" };

function isForgotten(
  { state }: StoredAlert,
  at: { readonly matter: boolean; readonly nowMs: number },
): boolean {
  if (state.phase !== "ok" && state.phase !== "no_data") return false;
  const sinceMs = at.matter ? state.sinceMs : (state.silentSinceMs ?? at.nowMs);
  return at.nowMs - sinceMs >= FORGET_MS;
}
